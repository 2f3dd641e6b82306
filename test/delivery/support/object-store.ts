import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** As much of S3 as Terraform's backend asks for, over a folder: a bucket is there when its folder is, so that a stack can make one. */
export interface ObjectStore {
  readonly port: number;
  /** Folder of a bucket. */
  bucket(name: string): string;
  /** Content of an object; undefined if there is none. */
  read(bucket: string, key: string): string | undefined;
  write(bucket: string, key: string, content: string): void;
  keys(bucket: string): string[];
  close(): Promise<void>;
}

export async function objectStore(folder: string): Promise<ObjectStore> {
  const path = (bucket: string, key: string) => join(folder, bucket, encodeURIComponent(key));
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url!, 'http://127.0.0.1');
      const [bucket, ...rest] = decodeURIComponent(url.pathname.slice(1)).split('/');
      const key = rest.join('/');
      const answer = (status: number, content: string | Buffer = '', headers: Record<string, string> = {}) => {
        response.writeHead(status, { 'content-type': 'application/xml', ...headers });
        response.end(request.method === 'HEAD' ? undefined : content);
      };
      const fail = (status: number, code: string) => answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
      if (!bucket || !existsSync(join(folder, bucket))) return fail(404, 'NoSuchBucket');
      if (key === '') {
        const prefix = url.searchParams.get('prefix') ?? '';
        const keys = readdirSync(join(folder, bucket)).map(decodeURIComponent).filter((each) => each.startsWith(prefix)).sort();
        return answer(200, `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><IsTruncated>false</IsTruncated>${keys.map((each) => `<Contents><Key>${each}</Key></Contents>`).join('')}</ListBucketResult>`);
      }
      const file = path(bucket, key);
      switch (request.method) {
        case 'PUT':
          if (request.headers['if-none-match'] === '*' && existsSync(file)) return fail(412, 'PreconditionFailed');
          writeFileSync(file, body);
          return answer(200, '', { etag: etagOf(body) });
        case 'DELETE':
          rmSync(file, { force: true });
          return answer(204);
        default: {
          if (!existsSync(file)) return fail(404, 'NoSuchKey');
          const content = readFileSync(file);
          return answer(200, content, { 'content-type': 'application/octet-stream', etag: etagOf(content), 'content-length': String(content.length) });
        }
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    bucket: (name) => join(folder, name),
    read: (bucket, key) => (existsSync(path(bucket, key)) ? readFileSync(path(bucket, key), 'utf8') : undefined),
    write: (bucket, key, content) => {
      mkdirSync(join(folder, bucket), { recursive: true });
      writeFileSync(path(bucket, key), content);
    },
    keys: (bucket) => (existsSync(join(folder, bucket)) ? readdirSync(join(folder, bucket)).map(decodeURIComponent).sort() : []),
    close: async () => new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    }),
  };
}

const etagOf = (content: Buffer) => `"${createHash('md5').update(content).digest('hex')}"`;

/** The content of a request, without the framing that the SDK signs chunks with. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return raw;
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length;) {
    const end = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.subarray(at, end).toString('latin1'), 16);
    if (!(size > 0)) break;
    parts.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
