import { applications } from './applications';
import { exemptions } from './exemptions';
import { hardening } from './hardening';
import { images } from './images';
import { namespaces } from './namespaces';
import type { Synthesized } from './objects';
import { ordering } from './ordering';
import { ownership } from './ownership';
import { providerWiring } from './provider-wiring';
import { references } from './references';
import { check, Check, FullCheck, Rule } from './rule';
import { secretTaint } from './secret-taint';
import { secrets } from './secrets';
import { singleWriter } from './single-writer';

export { loadObjects } from './load';
export { isBootstrapped } from './objects';
export type { KubernetesObject, ManifestObject, Synthesized, TerraformStack } from './objects';
export { check, EXEMPT_PREFIX } from './rule';
export type { Check, Finding, FullCheck, Rule, Verdict } from './rule';

const proofs: readonly Rule[] = [ordering, singleWriter, references, applications, namespaces, hardening, ownership, images, secrets, secretTaint, providerWiring];

/** Every proof, in the order in which they are reported. */
export const rules: readonly Rule[] = [...proofs, exemptions(proofs.flatMap(({ id, parts = [] }) => [id, ...parts]))];

/** Runs every proof, with what objects were let off. */
export function verifyFully(synthesized: Synthesized): FullCheck[] {
  return rules.map((rule) => check(rule, synthesized));
}

/** Runs every proof: what a report holds of it. */
export function verifyAll(synthesized: Synthesized): Check[] {
  return verifyFully(synthesized).map(({ id, title, status, applied, findings }) => ({ id, title, status, applied, findings }));
}
