import { Gauge, type Registry } from 'prom-client';
import { forecasterMetrics } from '../contract';
import type { Incident } from '../incidents/incident';
import type { ContainerOutlook } from './memory-watch';

/** What they are computed from when scraped. */
export interface RiskSources {
  readonly incidents: { list(): readonly Incident[] };
  readonly memory: { outlooks(): readonly ContainerOutlook[] };
}

/** Containers that a scrape tells of: the likeliest to run out. */
const MOST_CONTAINERS = 500;

/** Adds metrics of what threatens services to a registry. */
export function riskMetrics(registry: Registry, { incidents, memory }: RiskSources): void {
  const registers = [registry];
  new Gauge({
    name: forecasterMetrics.incidents,
    help: 'Incidents under way or expected',
    labelNames: ['kind', 'severity'],
    registers,
    collect() {
      this.reset();
      for (const { kind, severity } of incidents.list()) this.inc({ kind, severity });
    },
  });
  new Gauge({
    name: forecasterMetrics.outOfMemory,
    help: 'Probability that a container meets its memory limit within 60 minutes',
    labelNames: ['service', 'namespace', 'pod', 'container'],
    registers,
    collect() {
      this.reset();
      for (const { service, namespace, pod, container, within60, limit } of memory.outlooks().slice(0, MOST_CONTAINERS)) {
        if (limit !== null) this.set({ service, namespace, pod, container }, within60);
      }
    },
  });
}
