import { IMAGE_PROGRAMS, KIND_PROGRAMS, toolsAvailable } from '../../tools';

/**
 * What a rehearsal at level kind would have to build first.
 *
 * @returns the first thing in words; undefined if everything is in the caches
 */
export async function warmForKind(): Promise<string | undefined> {
  const { ready, rows } = await toolsAvailable({ programs: [...KIND_PROGRAMS, ...IMAGE_PROGRAMS], onlyPinned: true });
  if (!ready) return rows.find(({ source }) => source === 'go' || source === 'missing')?.program ?? 'a file of a release';
  return undefined;
}

if (require.main === module) void warmForKind().then((cold) => console.log(cold ?? ''));
