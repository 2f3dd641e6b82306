import { expect, test } from 'vitest';
import { PlatformNamespace } from '../../../components';
import { only, sampleOwnership, synthChart } from '../../support/synth';

test.each([[undefined, 'restricted'], ['baseline', 'baseline']] as const)('a namespace asked for %s enforces %s and names its owner', (podSecurity, level) => {
  const objects = synthChart((chart) => new PlatformNamespace(chart, 'namespace', { name: 'samples', podSecurity, ...sampleOwnership }));
  expect(only(objects, 'Namespace').metadata).toEqual({
    name: 'samples',
    labels: {
      'pod-security.kubernetes.io/enforce': level, 'pod-security.kubernetes.io/warn': level, 'app.kubernetes.io/part-of': 'tideline',
      'tideline.dev/owner': 'crew', 'tideline.dev/environment': 'dev', 'tideline.dev/cost-centre': 'research',
    },
  });
});
