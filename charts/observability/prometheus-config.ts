/**
 * The part of Prometheus' configuration that the platform uses, as its file writes it.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export interface PrometheusConfig {
  readonly global: {
    readonly scrape_interval: Duration;
    readonly scrape_timeout: Duration;
    readonly evaluation_interval: Duration;
    readonly external_labels: Readonly<Record<string, string>>;
  };
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeConfig[];
}

/** Seconds, as Prometheus writes them. */
export type Duration = `${number}s`;

/** One job. */
export interface ScrapeConfig {
  readonly job_name: string;
  /** @default http */
  readonly scheme?: 'http' | 'https';
  /** @default /metrics */
  readonly metrics_path?: string;
  /** Whether labels of the series win over those of who is scraped, where both have them. @default false */
  readonly honor_labels?: boolean;
  /** Whether a series that came with timestamps ends when it is no longer shown, and not five minutes later. @default false */
  readonly track_timestamps_staleness?: boolean;
  /** Series that one scrape may bring; more of them and all are refused. @default - any number */
  readonly sample_limit?: number;
  readonly authorization?: { readonly credentials_file: string };
  readonly tls_config?: { readonly ca_file: string };
  readonly kubernetes_sd_configs?: readonly KubernetesDiscovery[];
  readonly static_configs?: readonly { readonly targets: readonly string[] }[];
  readonly relabel_configs?: readonly Relabeling[];
  readonly metric_relabel_configs?: readonly Relabeling[];
}

/** Objects whose addresses are scraped. */
export interface KubernetesDiscovery {
  readonly role: 'pod' | 'node';
  /** What the API server is asked for, so that it sends nothing else. @default - every object of the role */
  readonly selectors?: readonly { readonly role: 'pod' | 'node'; readonly label: string }[];
}

/** One step of what is done with the labels of a target before it is scraped, or of a series after. */
export type Relabeling =
  /** Keeps or drops what the labels' values, joined by `;`, match. */
  | { readonly action: 'keep' | 'drop'; readonly source_labels: readonly string[]; readonly regex: string }
  /** Removes labels by their names. */
  | { readonly action: 'labeldrop'; readonly regex: string }
  /** Sets a label to what was matched. `regex` matches anything, and `replacement` is all of it, by default. */
  | { readonly source_labels: readonly string[]; readonly target_label: string; readonly regex?: string; readonly replacement?: string };
