/** What is read of a pod, as the API server tells it. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    /** @default - none */
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
  };
  readonly spec: {
    /** @default - not scheduled yet */
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      /** @default - asks for nothing */
      readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
  /** @default - nothing is known yet */
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
