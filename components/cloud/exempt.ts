import type { TerraformElement } from 'cdktf';
import { refuse, show } from '../../base/faults';

/** Key of a block's comment under which its exemptions stand. Terraform skips comments, so nothing of it is applied. */
export const EXEMPTIONS = 'exemptions';

/**
 * Lets a resource off rules of a scanner, each with the reason why it is right here. The reasons stand in the synthesized JSON beside what they are about, and the proof
 * refuses one that nothing needs any more.
 *
 * @param reasons by the scanner's id of the rule, e.g. `CKV_AWS_338`
 * @throws FaultError if an id is none, or a reason says nothing
 */
export function exempt(resource: TerraformElement, reasons: Readonly<Record<string, string>>): void {
  refuse(`${resource.node.path} cannot be let off`, Object.entries(reasons).flatMap(([rule, reason]) => [
    ...(/^CKV2?_[A-Z]+_\d+$/.test(rule) ? [] : [{ where: `${resource.node.path} ${show(rule)}`, got: show(rule), allowed: 'the id of a rule, such as CKV_AWS_338', do: 'name the rule' }]),
    ...(reason.trim().length >= 15 ? [] : [{ where: `${resource.node.path} ${rule}`, got: show(reason), allowed: 'a reason of a sentence', do: 'say why the rule is wrong here' }]),
  ]));
  for (const [rule, reason] of Object.entries(reasons)) resource.addOverride(`//.${EXEMPTIONS}.${rule}`, reason);
}
