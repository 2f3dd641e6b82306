import type { PriceRow, Source } from '../price-book';
import { ec2, row } from './rows';

const list: Source = {
  source: 'AWS price list, as generated into github.com/aws/karpenter-provider-aws pkg/providers/pricing/zz_generated.pricing_aws.go',
  asOf: '2026-01-19', certainty: 'checked',
};
const known = (page: string): Source => ({ source: `AWS public price list, as known: ${page}`, asOf: '2025-06', certainty: 'unchecked' });
const EKS = known('https://aws.amazon.com/eks/pricing/');
const VPC = known('https://aws.amazon.com/vpc/pricing/');
const ELB = known('https://aws.amazon.com/elasticloadbalancing/pricing/');
const EBS = known('https://aws.amazon.com/ebs/pricing/');
const TRANSFER = known('https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer');

/** N. Virginia. */
export const usEast1: readonly PriceRow[] = [
  ...ec2('t4g.large', 0.0672, list),
  ...ec2('m6g.large', 0.077, list),
  ...ec2('m6g.xlarge', 0.154, list),
  ...ec2('m7g.large', 0.0816, list),
  ...ec2('m7g.xlarge', 0.1632, list),
  ...ec2('c7g.large', 0.0725, list),
  ...ec2('c7g.xlarge', 0.145, list),
  row('eks/control-plane/standard', 0.1, 'Hours', EKS),
  row('eks/control-plane/extended', 0.6, 'Hours', EKS),
  row('nat/gateway', 0.045, 'Hours', VPC),
  row('nat/data', 0.045, 'GiB', VPC),
  row('ipv4/public-address', 0.005, 'Hours', VPC),
  row('lb/application', 0.0225, 'Hours', ELB),
  row('lb/application-lcu', 0.008, 'LCU-Hours', ELB),
  row('lb/network', 0.0225, 'Hours', ELB),
  row('lb/network-lcu', 0.006, 'LCU-Hours', ELB),
  row('ebs/gp3', 0.08, 'GiB-Months', EBS),
  row('transfer/internet-out/first-10-tib', 0.09, 'GiB', TRANSFER),
  row('transfer/internet-out/next-40-tib', 0.085, 'GiB', TRANSFER),
  row('transfer/internet-out/next-100-tib', 0.07, 'GiB', TRANSFER),
  row('transfer/internet-out/beyond-150-tib', 0.05, 'GiB', TRANSFER),
  row('transfer/cross-zone/each-way', 0.01, 'GiB', TRANSFER),
];
