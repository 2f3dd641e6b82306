import { expect, test } from 'vitest';
import { PlatformNamespace } from '../../../components';
import { sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

test.each([[undefined, 'restricted'], ['baseline', 'baseline']] as const)('a namespace asked for %s enforces %s and names its owner', (podSecurity, level) => {
  const objects = synthChart((chart) => new PlatformNamespace(chart, 'namespace', { name: 'samples', podSecurity, ...sampleOwnership }));
  expect(objectOf(objects, 'Namespace').metadata).toEqual({
    name: 'samples',
    labels: {
      'pod-security.kubernetes.io/enforce': level, 'pod-security.kubernetes.io/warn': level, 'app.kubernetes.io/part-of': 'tideline',
      'tideline.dev/owner': 'crew', 'tideline.dev/environment': 'dev', 'tideline.dev/cost-centre': 'research',
    },
  });
});
