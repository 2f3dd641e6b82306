/** What became of one Application. */
export interface ApplicationResult {
  readonly name: string;
  /** Its sync wave, as Git says. */
  readonly wave: number;
  /** From the moment the root Application was applied until it was Synced and Healthy for the first time; null if it never was. */
  readonly secondsToHealthy: number | null;
  /** Argo CD's word for it at the end: `Synced`, `OutOfSync`, `Unknown`. */
  readonly sync: string;
  /** Argo CD's word for it at the end: `Healthy`, `Progressing`, `Degraded`, `Missing`, `Suspended`, `Unknown`. */
  readonly health: string;
}

/** An object that Git owns was changed behind Argo CD's back, and it was put back. */
export interface DriftResult {
  /** `Deployment cost/cost`. */
  readonly object: string;
  /** What was done to it, in words. */
  readonly change: string;
  /** From the change until the object was again as Git has it. */
  readonly seconds: number;
}

/** A commit that went live. */
export interface PromotionResult {
  readonly application: string;
  /** Object that the commit changes. */
  readonly object: string;
  /** What the commit changes, in words. */
  readonly change: string;
  /** Commits before and after. */
  readonly from: string;
  readonly to: string;
  /** From the commit until the Application was Synced to it and Healthy. */
  readonly seconds: number;
}

/** A repository as the Git server of the cluster has it. */
export interface ServedRepository {
  /** As `spec.source.repoURL` of the Applications names it. */
  readonly url: string;
  /** Branch or tag that the Applications follow. */
  readonly revision: string;
  readonly commit: string;
  readonly files: number;
}

/** What Argo CD did with what is in Git. Seconds are of the wall clock. */
export interface GitopsResult {
  /** Commit of this project's repository that was synced first. */
  readonly revision: string;
  readonly repositories: readonly ServedRepository[];
  readonly applications: readonly ApplicationResult[];
  /** Applications that Git does not hold in this rehearsal, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  /** Null where nothing was tried. */
  readonly drift: DriftResult | null;
  /** Null where nothing was tried. */
  readonly promotion: PromotionResult | null;
}
