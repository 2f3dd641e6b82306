import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearerMatches, errorBody, unauthorized } from '../../base/http';

describe('bearerMatches', () => {
  it('accepts the token it was given, and only that', () => {
    const token = fc.stringMatching(/^[\w~+/.-]{1,80}$/);
    fc.assert(fc.property(token, token, (one, other) => {
      expect(bearerMatches(`Bearer ${one}`, one)).toBe(true);
      expect(bearerMatches(`Bearer ${other}`, one)).toBe(one === other);
    }));
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic s3cret', 's3cret', 'Bearer s3cret more', 'Bearer s3cre', 'Bearer s3cret2'])('refuses %j', (header) => {
    expect(bearerMatches(header, 's3cret')).toBe(false);
  });

  it('does not care how the scheme is written', () => {
    expect(bearerMatches('bearer  s3cret ', 's3cret')).toBe(true);
  });

  it('accepts nobody without a token of its own', () => {
    expect(bearerMatches('Bearer ', '')).toBe(false);
    expect(bearerMatches(undefined, '')).toBe(false);
  });
});

describe('errorBody', () => {
  it('leaves out faults where there are none', () => {
    expect(errorBody('gone', 'it is gone')).toEqual({ error: { code: 'gone', message: 'it is gone' } });
  });

  it('says what to send instead of a wrong token, and not which token is right', () => {
    const refusal = unauthorized('COST_TOKEN');
    expect(refusal.headers).toEqual({ 'www-authenticate': 'Bearer' });
    expect(refusal.body.error).toMatchObject({ code: 'unauthorized', faults: [{ where: 'header authorization', allowed: 'Bearer <token>' }] });
  });
});
