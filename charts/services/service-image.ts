import type { ImageReference } from '../../components';
import type { Environment, ServiceName } from '../../config';

/** Our own images: one repository per service, one tag per environment. */
export function serviceImage(environment: Environment, service: ServiceName): ImageReference {
  return { name: `${environment.images.repository}/${service}`, tag: environment.images.tag };
}
