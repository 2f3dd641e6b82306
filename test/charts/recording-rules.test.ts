import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { recordingRules } from '../../forecaster/contract';
import { objectOf } from '../support/synth';
import { names, objectsOf } from './manifests';

test.each(names)('%s records exactly what the forecaster reads, each by namespace and service', (name) => {
  const { groups } = parse(objectOf(objectsOf(name, 'observability/'), 'ConfigMap', 'tideline-rules').data['rules.yaml']) as { groups: { rules: { record: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map((rule) => rule.record).sort()).toEqual(Object.values(recordingRules).sort());
  for (const { expr } of rules) {
    expect(expr).toMatch(/by \(namespace, service(, le)?\)/);
    for (const [open, close] of ['()', '{}', '[]']) expect(expr.split(open!).length).toBe(expr.split(close!).length);
  }
});
