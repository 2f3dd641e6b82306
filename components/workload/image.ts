/** A container image by name, tag and, where it is known, digest. */
export interface ImageReference {
  readonly name: string;
  readonly tag: string;
  /** `sha256:…`; `unpinned` where the registry could not be asked, which `verify` reports as open. @default unpinned */
  readonly digest?: string;
}

/** `name:tag@digest`, or `name:tag` while the digest is not known. */
export function imageOf(image: ImageReference): string {
  return image.digest && image.digest !== 'unpinned' ? `${image.name}:${image.tag}@${image.digest}` : `${image.name}:${image.tag}`;
}
