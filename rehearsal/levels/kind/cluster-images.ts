import type { Environment } from '../../../config';
import type { ImageDeclaration, ImageMode, MissingImage, PreparedImage } from '../../images/contract';
import { declarationsFor, imagesOf, releaseDeclarations, serviceDeclarations } from '../../images/declarations';
import { DEBUG, GIT_SERVER, POSTGRES } from '../../images/infrastructure';
import { prepareImages } from '../../images/prepare';
import type { ImageResult } from '../../report/schema-kind';
import { TIMEKEEPER_IMAGE } from '../../stand-ins/timekeeper/deployment';
import type { Progress } from '../../tools';
import { leaveOut, NEEDS_AWS } from './rewrites/left-out';
import type { Tree } from './rewrites';

/** The images that the pods of a rehearsal run. */
export interface ClusterImages {
  readonly ready: readonly PreparedImage[];
  readonly missing: readonly MissingImage[];
  /** What registries said, one line each. */
  readonly registries: readonly string[];
}

/** What the rehearsal runs beside what dist/ holds; DEBUG is for those who look into a kept cluster. */
const OWN: readonly ImageDeclaration[] = [GIT_SERVER, POSTGRES, TIMEKEEPER_IMAGE, DEBUG];

/** Gets every image ready that `dist/<environment>` names, but for Applications that are left out anyway, and those of the rehearsal itself. */
export async function clusterImages(
  environment: Environment, tree: Tree, mode: ImageMode, options: { readonly signal?: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<ClusterImages> {
  const references = imagesOf([...leaveOut(tree, NEEDS_AWS).tree.values()]);
  const declarations = declarationsFor([...references, ...OWN.map(({ reference }) => reference)], [...serviceDeclarations(environment), ...releaseDeclarations(), ...OWN]);
  return prepareImages(declarations, mode, options);
}

/** For the report, in the order of their names. */
export function imageResults(images: readonly PreparedImage[]): ImageResult[] {
  return images.map(({ reference, provenance, digest, sizeBytes, standIn }) => ({
    reference, provenance, digest: digest ?? null, sizeBytes: sizeBytes ?? null, ...(standIn === undefined ? {} : { standIn }),
  })).sort((a, b) => (a.reference < b.reference ? -1 : 1));
}
