/** What a Terraform expression refers to. */
export interface Reference {
  /** `aws_vpc.main`, `data.aws_vpc.main`, `local.name`, `var.name`. */
  readonly address: string;
  readonly kind: 'resource' | 'data' | 'local' | 'var';
  /** Resource type; empty for locals and variables. */
  readonly type: string;
  readonly name: string;
  /** Path behind the address, e.g. `password` or `certificate_authority[0].data`; empty if the whole is meant. */
  readonly attribute: string;
}

/**
 * Everything that the texts below a value of Terraform's JSON refer to, in expressions or as `depends_on`, in the order they stand; comments (`//`) are left out. Texts that are no expression, such as a
 * policy or a description, may hold what looks like a reference: only addresses that exist count.
 */
export function referencesIn(value: unknown): Reference[] {
  return texts(value).flatMap((text) => [...text.matchAll(/(?<![\w.-])(data\.)?([a-z][\w-]*)\.([\w-]+)((?:\[[^\]]*\]|\.[\w*-]+)*)/g)].map(([, data, first = '', name = '', rest = '']): Reference => {
    const kind = data ? 'data' : first === 'local' || first === 'var' ? first : 'resource';
    return { address: `${data ?? ''}${first}.${name}`, kind, type: kind === 'local' || kind === 'var' ? '' : first, name, attribute: rest.replace(/^\./, '') };
  }));
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => (key === '//' ? [] : texts(inner)));
  return [];
}
