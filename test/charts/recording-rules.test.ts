import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { containerRules, recordingRules } from '../../forecaster/contract';
import { objectOf } from '../support/synth';
import { names, objectsOf } from './manifests';

test.each(names)('%s records exactly what the forecaster reads, each by namespace and service', (name) => {
  const { groups } = parse(objectOf(objectsOf(name, 'observability/'), 'ConfigMap', 'tideline-rules').data['rules.yaml']) as { groups: { rules: { record: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map((rule) => rule.record).sort()).toEqual([...Object.values(recordingRules), ...Object.values(containerRules)].sort());
  for (const { record, expr } of rules) {
    expect(expr).toMatch((Object.values(containerRules) as string[]).includes(record) ? /^max by \(namespace, service, pod, container\)/ : /by \(namespace, service(, le)?\)/);
    for (const [open, close] of ['()', '{}', '[]']) expect(expr.split(open!).length).toBe(expr.split(close!).length);
  }
});
