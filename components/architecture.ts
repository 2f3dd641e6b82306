/** Processor architecture of an EC2 instance type: families with a `g` after the generation number run on Graviton. */
export function architectureOf(instanceType: string): 'arm64' | 'amd64' {
  return /^(a1|[a-z]+[0-9]+g[a-z]*)[.-]/.test(instanceType) ? 'arm64' : 'amd64';
}
