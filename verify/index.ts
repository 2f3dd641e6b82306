import { applications } from './applications';
import { hardening } from './hardening';
import { images } from './images';
import type { Synthesized } from './objects';
import { ordering } from './ordering';
import { ownership } from './ownership';
import { references } from './references';
import { check, Check, Rule } from './rule';
import { secrets } from './secrets';
import { singleWriter } from './single-writer';

export { loadObjects } from './load';
export type { KubernetesObject, ManifestObject, Synthesized, TerraformStack } from './objects';
export { check, EXEMPT_PREFIX } from './rule';
export type { Check, Rule, Verdict } from './rule';

/** Every proof, in the order in which they are reported. */
export const rules: readonly Rule[] = [ordering, singleWriter, references, applications, hardening, ownership, images, secrets];

/** Runs every proof. */
export function verifyAll(synthesized: Synthesized): Check[] {
  return rules.map((rule) => check(rule, synthesized));
}
