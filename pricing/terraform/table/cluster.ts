import { show } from '../../../base/faults';
import { HOURS_PER_MONTH } from '../../node-price';
import { allFree, free, MissingCharge, Priced, ResourceCharge, TypeTable } from '../entry';
import type { ResourceView } from '../resource-view';

const EKS = { category: 'Compute', service: 'Amazon Elastic Kubernetes Service' } as const;
const EC2 = { category: 'Compute', service: 'Amazon Elastic Compute Cloud' } as const;
const EBS = { category: 'Storage', service: 'Amazon Elastic Block Store' } as const;

/** Clusters, nodes, disks, images. */
export const cluster: TypeTable = {
  aws_eks_cluster: { price: eksCluster },
  aws_eks_node_group: free('its nodes are priced by packing, with the environment', 'eks/pricing/'),
  aws_eks_addon: free('AWS\'s own add-ons cost nothing; what their pods request is packed onto nodes', 'eks/pricing/'),
  ...allFree('who may do what in a cluster costs nothing', 'eks/pricing/', [
    'aws_eks_access_entry', 'aws_eks_access_policy_association', 'aws_eks_pod_identity_association', 'aws_eks_identity_provider_config',
  ]),
  ...allFree('a template of machines that are priced where they run', 'ec2/pricing/', ['aws_launch_template', 'aws_key_pair', 'aws_placement_group', 'aws_ec2_instance_metadata_defaults', 'aws_ebs_encryption_by_default', 'aws_ebs_default_kms_key']),
  aws_instance: { price: instance },
  aws_ebs_volume: { price: (resource) => [volume(resource.text('type', 'gp2'), resource.number('size'), 'size')] },
  aws_ecr_repository: {
    price: () => [{ category: 'Storage', service: 'Amazon Elastic Container Registry', description: 'images kept', sku: 'ecr/storage', unit: 'GiB-Months', used: { field: 'storedGiB' } }],
  },
  ...allFree('a setting of the image registry', 'ecr/pricing/', [
    'aws_ecr_lifecycle_policy', 'aws_ecr_repository_policy', 'aws_ecr_registry_policy', 'aws_ecr_repository_creation_template', 'aws_ecr_pull_through_cache_rule',
  ]),
  ...allFree('an object of the cluster\'s API; what runs is priced from the manifests', 'eks/pricing/', [
    'kubernetes_namespace', 'kubernetes_namespace_v1', 'kubernetes_secret', 'kubernetes_secret_v1', 'kubernetes_config_map', 'kubernetes_config_map_v1', 'kubernetes_service_account',
    'kubernetes_service_account_v1', 'kubernetes_role_v1', 'kubernetes_role_binding_v1', 'kubernetes_cluster_role_v1', 'kubernetes_cluster_role_binding_v1', 'kubernetes_storage_class_v1',
  ]),
  helm_release: { price: helmRelease },
};

/** Objects that run nothing: a release whose values are one of these is how GitOps is begun, whatever its chart is called. */
const RUNS_NOTHING = ['AppProject', 'Application'];

function helmRelease(resource: ResourceView): Priced {
  const kinds = resource.list('values')?.map((values) => {
    try {
      return (JSON.parse(String(values)) as { object?: { kind?: unknown } } | null)?.object?.kind;
    } catch {
      return undefined; // YAML, or an expression
    }
  });
  if (kinds && kinds.length > 0 && kinds.every((kind) => RUNS_NOTHING.includes(kind as string))) return { free: 'an object that Argo CD reads; what it deploys is priced from the manifests' };
  return [{ ...EC2, missing: 'what a chart\'s pods request, known once it is rendered: state them as workloads of the environment', attribute: 'chart' }];
}

function eksCluster(resource: ResourceView): Priced {
  const tier = resource.block('control_plane_scaling_config')?.tier ?? 'standard';
  const auto = resource.block('compute_config')?.enabled;
  return [
    { ...EKS, description: 'EKS control plane, standard support', sku: 'eks/control-plane/standard', unit: 'Hours', declared: HOURS_PER_MONTH },
    ...(tier === 'standard' ? [] : [{ ...EKS, missing: `a control plane of tier ${show(tier)}`, attribute: 'control_plane_scaling_config' }]),
    ...(auto === undefined || auto === false ? [] : [{ ...EKS, missing: 'the fee of EKS Auto Mode on its nodes', attribute: 'compute_config', withUse: true }]),
  ];
}

function instance(resource: ResourceView): Priced {
  const type = resource.text('instance_type');
  const root = resource.block('root_block_device');
  const size = root?.volume_size;
  return [
    type === undefined
      ? { ...EC2, missing: 'an instance of a type that is not told', attribute: 'instance_type' }
      : { ...EC2, description: `${type}, on-demand`, sku: `ec2/${type}/on-demand`, unit: 'Hours', declared: HOURS_PER_MONTH },
    volume(typeof root?.volume_type === 'string' ? root.volume_type : 'gp2', typeof size === 'number' ? size : undefined, 'root_block_device.volume_size'),
  ];
}

function volume(type: string | undefined, sizeGiB: number | undefined, attribute: string): ResourceCharge | MissingCharge {
  if (type !== 'gp2' && type !== 'gp3') return { ...EBS, missing: `a volume of type ${type ?? 'that an expression hides'}`, attribute: 'type' };
  return { ...EBS, description: `${type} volume`, sku: `ebs/${type}`, unit: 'GiB-Months', declared: sizeGiB, attribute };
}
