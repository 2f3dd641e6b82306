import { github, typescript } from 'projen';
import { Environment, environments } from '../config';
import { factsOf, STACKS } from '../config/facts';

const { JobPermission } = github.workflows;

/** Actions by the commit of a release: a tag can be moved to other code, a commit cannot. */
const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1', // v7.0.1
  node: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020', // v7.0.0
  terraform: 'hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e', // v4.0.1
  aws: 'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c', // v6.2.3
  upload: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f', // v7.0.0
  download: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c', // v8.0.1
} as const;

/** Terraform of the pipelines. */
const TERRAFORM = '1.11.4';

/** What `projen price` begins its Markdown with: finds our comment again, to write it anew rather than to add one with each push. A test holds the two together. */
const MARKER = '<!-- tideline-price -->';

type Job = github.workflows.Job;
type Step = github.workflows.JobStep;

/** Stacks a pipeline applies: all but the foundation, which holds the roles it comes in with. */
const DEPLOYED = STACKS.filter((name) => name !== 'foundation').map((name) => `--stack ${name}`).join(' ');

/** A pull request from the repository itself: those of forks get no token that AWS or a comment would take. */
const OURS = 'github.event.pull_request.head.repo.full_name == github.repository';

/** The workflows: pull requests are proven, main goes to dev, a tag goes to staging and then to production. */
export function addWorkflows(owner: typescript.TypeScriptProject): void {
  const on = (name: string, triggers: github.workflows.Triggers, jobs: Record<string, Job>, concurrency?: github.ConcurrencyOptions) => {
    const workflow = new github.GithubWorkflow(owner.github!, name, { limitConcurrency: concurrency !== undefined, concurrencyOptions: concurrency });
    workflow.on(triggers);
    workflow.addJobs(jobs);
  };
  const all = environments();
  const from = (kind: 'branch' | 'tag') => all.filter(({ github: { deploysFrom } }) => deploysFrom[kind] !== undefined);

  on('pull-request', { pullRequest: {} }, {
    check: check(),
    rehearse: rehearse(),
    price: price(),
    'price-comment': priceComment(),
    plan: plan(all),
  }, { group: 'pull-request-${{ github.event.pull_request.number }}', cancelInProgress: true }); // nothing of a pull request changes anything that a cancelled job would leave half done

  for (const branch of new Set(from('branch').map((each) => each.github.deploysFrom.branch!))) {
    on(`deploy-${branch}`, { push: { branches: [branch] } }, promotion(from('branch').filter((each) => each.github.deploysFrom.branch === branch)));
  }
  for (const tag of new Set(from('tag').map((each) => each.github.deploysFrom.tag!))) {
    on('release', { push: { tags: [tag] } }, promotion(from('tag').filter((each) => each.github.deploysFrom.tag === tag)));
  }
}

/** Checks, then one environment after the other, in the order of `config/index.ts`. */
function promotion(targets: readonly Environment[]): Record<string, Job> {
  const jobs: Record<string, Job> = { check: check() };
  let before = 'check';
  for (const target of targets) {
    jobs[`deploy-${target.name}`] = deploy(target, before);
    before = `deploy-${target.name}`;
  }
  return jobs;
}

function check(): Job {
  return job(60, [
    ...project(),
    terraform(),
    run('Synthesize', 'npx --yes projen synth'),
    run('What is generated is what is committed', 'npx projen && git diff --exit-code'),
    run('Lint', 'npx projen lint'),
    run('Prove', 'npx projen verify'),
    run('Test', 'npx projen test'),
    run('Let Terraform check the stacks', 'npx projen terraform:validate'),
  ]);
}

function rehearse(): Job {
  return job(30, [
    ...project(),
    run('Rehearse', 'npx --yes projen rehearse --level simulate --out rehearsed'),
    run('Summary', 'if [ -f rehearsed/report.md ]; then cat rehearsed/report.md >> "$GITHUB_STEP_SUMMARY"; fi', { if: 'always()' }),
  ]);
}

/** It runs what the pull request brings, so it may only read; another job writes the comment and runs nothing. */
function price(): Job {
  return job(20, [
    ...project({ 'fetch-depth': 0 }),
    run('Install', 'npx --yes projen setup'),
    run('Price of the change', [
      'npx projen price --against "origin/$BASE" --format markdown --out price.md',
      'cat price.md >> "$GITHUB_STEP_SUMMARY"',
    ].join('\n'), { env: { BASE: '${{ github.base_ref }}' } }),
    { name: 'Keep it for the comment', uses: ACTIONS.upload, with: { name: 'price', path: 'price.md', 'retention-days': 1 } },
  ]);
}

function priceComment(): Job {
  const api = 'repos/$REPOSITORY/issues';
  return {
    ...job(5, [
      { name: 'Take what was priced', uses: ACTIONS.download, with: { name: 'price' } },
      run('Comment, or write the comment anew', [
        `id="$(gh api --paginate "${api}/$NUMBER/comments" --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("${MARKER}"))) | .id' | head -n 1)"`,
        'head -c 60000 price.md > body.md',
        `if [ -n "$id" ]; then gh api --silent -X PATCH "${api}/comments/$id" -F body=@body.md`,
        `else gh api --silent "${api}/$NUMBER/comments" -F body=@body.md; fi`,
      ].join('\n'), { env: { GH_TOKEN: '${{ github.token }}', REPOSITORY: '${{ github.repository }}', NUMBER: '${{ github.event.pull_request.number }}' } }),
    ]),
    needs: ['price'],
    if: OURS,
    permissions: { pullRequests: JobPermission.WRITE },
  };
}

/** Looks at what each environment would get. The role reads; it takes no lock, and sees no secret of the cluster. */
function plan(all: readonly Environment[]): Job {
  return {
    ...job(30, [
      ...project(),
      terraform(),
      credentials('${{ matrix.role }}', '${{ matrix.region }}'),
      run('Plan', `npx --yes projen deploy "$ENVIRONMENT" --plan-only ${DEPLOYED}`, { env: { ENVIRONMENT: '${{ matrix.environment }}' } }),
    ]),
    if: OURS,
    needs: ['check'],
    permissions: { contents: JobPermission.READ, idToken: JobPermission.WRITE },
    runsOn: ['${{ vars[matrix.runner] || \'ubuntu-latest\' }}'],
    strategy: {
      failFast: false,
      matrix: { include: all.map((target) => ({ environment: target.name, role: factsOf(target).planRoleArn, region: target.region, runner: runnerVariable(target) })) },
    },
  };
}

function deploy(target: Environment, after: string): Job {
  const word = target.name === 'prod' ? ` --confirm ${target.name}` : ''; // whoever reviews the GitHub environment says it
  return {
    ...job(120, [
      ...project(),
      terraform(),
      credentials(factsOf(target).deployRoleArn, target.region, 7200), // as long as the role lets it, and as long as the job may take
      run(`Deploy ${target.name}`, `npx --yes projen deploy ${target.name} --auto-approve${word} ${DEPLOYED}`),
    ]),
    needs: [after],
    environment: target.name, // its rules ask reviewers; its name is the subject of the token that the role trusts
    permissions: { contents: JobPermission.READ, idToken: JobPermission.WRITE },
    concurrency: { group: `deploy-${target.name}`, 'cancel-in-progress': false },
    runsOn: [`\${{ vars.${runnerVariable(target)} || 'ubuntu-latest' }}`], // an API endpoint that is private is reached from within the network only
  };
}

/** Repository variable that names the runners of an environment. */
function runnerVariable(target: Environment): string {
  return `RUNNER_${target.name.toUpperCase().replaceAll('-', '_')}`;
}

function job(minutes: number, steps: Step[]): Job {
  return { runsOn: ['ubuntu-latest'], permissions: { contents: JobPermission.READ }, timeoutMinutes: minutes, steps };
}

function project(checkout: Record<string, unknown> = {}): Step[] {
  return [
    { name: 'Check out', uses: ACTIONS.checkout, with: { 'persist-credentials': false, ...checkout } },
    { name: 'Node.js', uses: ACTIONS.node, with: { 'node-version': '20', 'package-manager-cache': false } },
  ];
}

function terraform(): Step {
  return { name: 'Terraform', uses: ACTIONS.terraform, with: { terraform_version: TERRAFORM, terraform_wrapper: false } }; // the wrapper swallows signals and exit codes
}

function credentials(role: string, region: string, seconds = 3600): Step {
  return {
    name: 'Credentials of a role, for this job only', uses: ACTIONS.aws,
    with: { 'role-to-assume': role, 'aws-region': region, 'role-session-name': 'tideline-${{ github.run_id }}', 'role-duration-seconds': seconds },
  };
}

function run(name: string, command: string, more: Partial<Step> = {}): Step {
  return { name, run: command, ...more };
}
