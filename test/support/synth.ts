import { App, Chart } from 'cdk8s';
import type { Manifest } from '../../components';

/**
 * Synthesizes constructs the way charts/ does: one App, one Chart, validations run, plain objects come out.
 *
 * @throws what the constructors throw, and cdk8s's error with every validation that failed
 */
export function synthChart(build: (chart: Chart) => void): Manifest[] {
  const chart = new Chart(new App(), 'test');
  build(chart);
  return chart.toJson() as Manifest[];
}

/**
 * The only object of a kind, or of a kind and name.
 *
 * @throws when there is none, or more than one
 */
export function objectOf(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = objects.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) {
    throw new Error(`${found.length} objects of ${kind} ${name ?? ''}, not one, among ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}`);
  }
  return found[0]!;
}
