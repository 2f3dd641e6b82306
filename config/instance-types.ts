/** Sizes of the EC2 families an environment may use. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  t4g: ['medium', 'large', 'xlarge', '2xlarge'],
  m6g: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'],
  m7g: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'],
  c7g: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'],
  r7g: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'],
  m7i: ['large', 'xlarge', '2xlarge', '4xlarge'],
  c7i: ['large', 'xlarge', '2xlarge', '4xlarge'],
  r7i: ['large', 'xlarge', '2xlarge', '4xlarge'],
};

/** EC2 instance types an environment may use: those whose room and price `pricing/` knows, which a test holds it to. */
export const instanceTypeNames: readonly string[] = Object.entries(FAMILIES).flatMap(([family, sizes]) => sizes.map((size) => `${family}.${size}`));
