/** What a node of an EC2 instance type offers. */
export interface InstanceType {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  /** Pods that the VPC CNI can address without prefix delegation: interfaces × (addresses each − 1) + 2. */
  readonly maxPods: number;
}

const SIZES = { medium: 1, large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16 } as const;
type Size = keyof typeof SIZES;

/** Pods by size. Both of https://docs.aws.amazon.com/ec2/latest/instancetypes/ and the amazon-eks-ami's eni-max-pods.txt. */
const PODS: Readonly<Record<Size, number>> = { medium: 8, large: 29, xlarge: 58, '2xlarge': 58, '4xlarge': 234 };

const GRAVITON: readonly Size[] = ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'];
const INTEL: readonly Size[] = ['large', 'xlarge', '2xlarge', '4xlarge'];

/** Families: memory of each vCPU, the sizes there are, and what is not as in `SIZES` and `PODS`. */
const FAMILIES: readonly (readonly [family: string, gibPerCpu: number, sizes: readonly Size[]])[] = [
  ['m6g', 4, GRAVITON], ['m7g', 4, GRAVITON], ['c7g', 2, GRAVITON], ['r7g', 8, GRAVITON], ['m7i', 4, INTEL], ['c7i', 2, INTEL], ['r7i', 8, INTEL],
];

/** T4g has two vCPUs in its small sizes, and interfaces of its own. */
const T4G: readonly (readonly [size: Size, vcpu: number, memoryGiB: number, maxPods: number])[] = [
  ['medium', 2, 4, 17], ['large', 2, 8, 35], ['xlarge', 4, 16, 58], ['2xlarge', 8, 32, 58],
];

/** Every instance type that pricing knows, by name. */
export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map([
  ...T4G.map(([size, vcpu, memoryGiB, maxPods]) => instanceType(`t4g.${size}`, vcpu, memoryGiB, maxPods)),
  ...FAMILIES.flatMap(([family, gibPerCpu, sizes]) => sizes.map((size) => instanceType(`${family}.${size}`, SIZES[size], SIZES[size] * gibPerCpu, PODS[size]))),
].map((type) => [type.name, type]));

function instanceType(name: string, vcpu: number, memoryGiB: number, maxPods: number): InstanceType {
  return Object.freeze({ name, vcpu, memoryMiB: memoryGiB * 1024, maxPods });
}

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
