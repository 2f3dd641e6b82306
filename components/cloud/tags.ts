import { Aspects, IAspect, TerraformResource } from 'cdktf';
import { IConstruct } from 'constructs';
import type { Ownership } from '../labels';

/** The tags every resource carries: who is asked, where it belongs, who pays. */
export function ownershipTags(ownership: Ownership): Record<string, string> {
  return { owner: ownership.owner, environment: ownership.environment, 'cost-centre': ownership.costCentre };
}

interface Taggable {
  readonly tagsInput?: Record<string, string>;
  tags: Record<string, string>;
}

/**
 * Puts tags on every AWS resource below a construct that can carry them.
 *
 * An aspect and not the provider's `default_tags`: the tags stand in the synthesized JSON, where prices, policies and tests read them, and they also reach
 * resources of a provider with an alias. Tags a resource sets itself win.
 */
export class TagAspect implements IAspect {
  /** Tags everything below a construct. */
  static apply(scope: IConstruct, tags: Readonly<Record<string, string>>): void {
    Aspects.of(scope).add(new TagAspect(tags));
  }

  constructor(private readonly tags: Readonly<Record<string, string>>) {}

  visit(node: IConstruct): void {
    // Data sources have `tags` too, but there they are a filter.
    if (!TerraformResource.isTerraformResource(node) || !node.terraformResourceType.startsWith('aws_') || !isTaggable(node)) return;
    node.tags = { ...this.tags, ...node.tagsInput };
  }
}

function isTaggable(node: unknown): node is Taggable {
  return typeof node === 'object' && node !== null && 'tagsInput' in node && 'tags' in node;
}
