import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ownerLabels, Ownership } from '../labels';

/** Props of {@link EncryptedVolumes}. */
export interface EncryptedVolumesProps extends Ownership {
  /** Name of the StorageClass. */
  readonly name: string;
  /** Who makes and attaches them: the EBS CSI driver, or EKS Auto Mode, which attaches its own to its own nodes only. @default 'ebs-csi-driver' */
  readonly madeBy?: 'ebs-csi-driver' | 'auto-mode';
}

/** A StorageClass of encrypted EBS volumes, made in the zone of the pod that first needs one, and gone with their claim. */
export class EncryptedVolumes extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: EncryptedVolumesProps) {
    super(scope, id);
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeStorageClass.manifest({
      metadata: { name: props.name, labels: ownerLabels(props) },
      provisioner: props.madeBy === 'auto-mode' ? 'ebs.csi.eks.amazonaws.com' : 'ebs.csi.aws.com',
      ...(props.madeBy === 'auto-mode' ? { allowedTopologies: [{ matchLabelExpressions: [{ key: 'eks.amazonaws.com/compute-type', values: ['auto'] }] }] } : {}),
      parameters: { type: 'gp3', encrypted: 'true' },
      volumeBindingMode: 'WaitForFirstConsumer', // a volume in another zone than its pod would keep that from running
      reclaimPolicy: 'Delete',
      allowVolumeExpansion: true,
    }));
  }
}
