import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { directory, LayerEntry, symlink } from '../../../../../rehearsal/images/layer';
import { baseFiles, trimmed } from '../../../../../rehearsal/levels/kind/node-image/base-files';
import { systemImages } from '../../../../../rehearsal/levels/kind/node-image/system-images';

const system = systemImages();
const entries = baseFiles(system.values);
const at = (path: string): LayerEntry => entries.find((entry) => entry.path === path)!;
const text = (path: string) => (at(path).content as Buffer).toString('utf8');

describe('the files that make a Debian root a node', () => {
  it('are whole: every name that stands for an image is filled in', () => {
    for (const { path, content } of entries) if (content instanceof Buffer) expect(content.toString('utf8'), path).not.toMatch(/@(?!PODS)[A-Z]+@/); // the node itself knows its pods' range
  });

  it('name images that the node holds', () => {
    const held = system.images.map(({ reference }) => reference);
    expect(held).toContain(/sandbox_image = "(.*)"/.exec(text('etc/containerd/config.toml'))![1]);
    const named = parseAllDocuments(text('kind/manifests/default-storage.yaml')).flatMap((document) => JSON.stringify(document.toJS()).match(/[a-z.]+\/[a-z/-]+:v?\d+\.\d+\.\d+/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const image of named) expect(held).toContain(image);
  });

  it('hold scripts that bash can read, and that can be run', () => {
    const scripts = entries.filter(({ path }) => /^usr\/local\/s?bin\//.test(path));
    expect(scripts.map(({ path }) => path)).toContain('usr/local/bin/entrypoint');
    for (const { path, mode } of scripts) {
      expect(mode, path).toBe(0o755);
      execFileSync('bash', ['-n'], { input: text(path) });
    }
  });

  it('enable units that are there', () => {
    const enabled = entries.filter(({ path }) => path.includes('.target.wants/'));
    expect(enabled.length).toBeGreaterThan(0);
    for (const { target } of enabled) expect(entries.some(({ path }) => `/${path}` === target), target).toBe(true);
  });
});

describe('Debian\'s files', () => {
  it('lose the units that a node does not start, and nothing else', () => {
    const journal = symlink('usr/lib/systemd/system/sockets.target.wants/systemd-journald.socket', '../systemd-journald.socket');
    const login = symlink('usr/lib/systemd/system/multi-user.target.wants/systemd-logind.service', '../systemd-logind.service');
    const other = [directory('usr/lib/systemd/system/multi-user.target.wants'), symlink('usr/bin/sh', 'dash')];
    expect(trimmed([journal, login, ...other])).toEqual([journal, ...other]);
  });
});
