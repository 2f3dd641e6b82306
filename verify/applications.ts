import { byEnvironment, isBootstrapped, titleOf } from './objects';
import type { Finding, Rule } from './rule';

/** Each folder of an environment is synced by exactly one Application, and each Application of ours finds its folder. */
export const applications: Rule = {
  id: 'applications',
  title: 'each folder has exactly one Application, and each Application its folder',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const [environment, members] of byEnvironment(objects)) {
      const folders = new Set(members.filter((each) => each.application !== 'root' && !isBootstrapped(each)).map(({ application }) => application));
      const found = members.filter(({ object }) => object.kind === 'Application' && object.apiVersion.startsWith('argoproj.io/'));
      const root = found.find(({ application }) => application === 'root');
      const pathOf = (object: (typeof found)[number]['object']) => String(object.spec?.source?.path ?? '');
      for (const folder of folders) {
        applied += 1;
        const syncing = found.filter(({ object }) => pathOf(object) === `dist/${environment}/${folder}`);
        if (syncing.length === 1) continue;
        findings.push({
          where: `${environment}/${folder}`, got: syncing.length === 0 ? 'no Application syncs it' : `Applications ${syncing.map(({ object }) => object.metadata.name).join(', ')} sync it`,
          allowed: 'one Application', do: 'list the chart in charts/synthesize.ts once',
        });
      }
      for (const each of found) {
        applied += 1;
        const ours = each.object.spec?.source?.repoURL === root?.object.spec?.source?.repoURL;
        const folder = pathOf(each.object).replace(`dist/${environment}/`, '');
        if (ours && !folders.has(folder)) findings.push({ on: each, where: titleOf(each), got: `the path ${pathOf(each.object)}, which holds nothing`, allowed: [...folders].join(', '), do: 'correct the path' });
        if (['', 'HEAD'].includes(String(each.object.spec?.source?.targetRevision ?? ''))) findings.push({ on: each, where: titleOf(each), got: 'no fixed revision', allowed: 'a branch, tag or commit', do: 'name targetRevision' });
      }
    }
    return { applied, findings };
  },
};
