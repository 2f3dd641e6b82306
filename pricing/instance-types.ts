/** What a node of an EC2 instance type offers. */
export interface InstanceType {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  /** Pods that the VPC CNI can address without prefix delegation: interfaces × (addresses each − 1) + 2. */
  readonly maxPods: number;
}

/** https://docs.aws.amazon.com/ec2/latest/instancetypes/ and the amazon-eks-ami's eni-max-pods.txt. */
const SPECIFICATIONS: readonly (readonly [name: string, vcpu: number, memoryGiB: number, maxPods: number])[] = [
  ['t4g.large', 2, 8, 35],
  ['m6g.large', 2, 8, 29],
  ['m6g.xlarge', 4, 16, 58],
  ['m7g.large', 2, 8, 29],
  ['m7g.xlarge', 4, 16, 58],
  ['c7g.large', 2, 4, 29],
  ['c7g.xlarge', 4, 8, 58],
];

/** Every instance type that pricing knows, by name. */
export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map(
  SPECIFICATIONS.map(([name, vcpu, memoryGiB, maxPods]) => [name, Object.freeze({ name, vcpu, memoryMiB: memoryGiB * 1024, maxPods })]),
);

/** What pods may request on a node. */
export interface Allocatable {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
  readonly pods: number;
}

/** Share of an instance's memory that firmware and hypervisor keep, so the kubelet never sees it. Karpenter assumes the same (VM_MEMORY_OVERHEAD_PERCENT). */
const HYPERVISOR_MEMORY_SHARE = 0.075;
/** The kubelet evicts pods below this much free memory. */
const EVICTION_MEMORY_MIB = 100;

/**
 * What EKS's own node image leaves to pods. Reserved for kubelet and system: of CPU 6 % of the first core, 1 % of the second, 0.5 % of the
 * next two and 0.25 % of the rest; of memory 255 MiB and 11 MiB per possible pod.
 *
 * @see https://github.com/awslabs/amazon-eks-ami (nodeadm, kubelet defaults)
 */
export function allocatableOf(type: InstanceType): Allocatable {
  let reservedCpu = 0;
  for (let core = 1; core <= type.vcpu; core += 1) reservedCpu += core === 1 ? 60 : core === 2 ? 10 : core <= 4 ? 5 : 2.5;
  const visibleMemory = Math.floor(type.memoryMiB * (1 - HYPERVISOR_MEMORY_SHARE));
  return {
    cpuMillicores: Math.floor(type.vcpu * 1000 - reservedCpu),
    memoryMiB: visibleMemory - 255 - 11 * type.maxPods - EVICTION_MEMORY_MIB,
    pods: type.maxPods,
  };
}
