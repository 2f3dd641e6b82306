import { App } from 'cdktf';
import { defineEnvironment, environments } from '../../config';
import { rootObjects } from '../../stacks/bootstrap/root-objects';
import { buildStacks } from '../../stacks/build-stacks';

/** Synthesizes as many environments as the argument says: copies of the project's own, each with a name, an account and a network of its own. */
process.setSourceMapsEnabled(false); // as stacks/main.ts does
const count = Number(process.argv[2]);
const templates = environments();
const many = Array.from({ length: count }, (_, index) => {
  const template = templates[index % templates.length]!;
  return defineEnvironment({ ...template, name: `e${index}`, account: String(100_000_000_000 + index), network: { ...template.network, cidr: `10.${index}.0.0/16` } });
});
const roots = new Map(many.map(({ name }, index) => [name, rootObjects('dist', templates[index % templates.length]!.name)]));
const app = new App();
buildStacks(app, many, (name) => roots.get(name)!);
app.synth();
