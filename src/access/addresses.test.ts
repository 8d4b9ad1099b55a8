import { expect, test } from 'bun:test';
import { callerBehind, isWithin, type Network, readNetwork } from './addresses.ts';

const networks = (...texts: string[]): Network[] =>
  texts.map(readNetwork).filter((network) => network !== undefined);

test('an address is within a network of its kind, however it is written', () => {
  for (const [address, network, expected] of [
    ['10.1.2.3', '10.0.0.0/8', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['::ffff:a01:203', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.2', '127.0.0.1', false],
    ['fd00::1', 'fd00::/8', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['FD00:0:0::1', 'fd00::1', true],
    ['::1', '0.0.0.0/0', false],
    ['10.1.2.3', '::/0', false],
    ['', '0.0.0.0/0', false],
    ['nobody', '0.0.0.0/0', false],
    ['010.1.2.3', '0.0.0.0/0', false],
    ['0x7f.1', '0.0.0.0/0', false],
  ] as const)
    expect([address, network, isWithin(address, networks(network))]).toEqual([address, network, expected]);
  expect(isWithin(undefined, networks('0.0.0.0/0', '::/0'))).toBe(false);
});

test('what is no network is none', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    '::/129',
    '::ffff:10.0.0.0/8',
    'box.lan',
    '*',
  ])
    expect([text, readNetwork(text)]).toEqual([text, undefined]);
});

test('the caller is the last address that is no trusted proxy’s', () => {
  const trusted = networks('10.0.0.0/8', '::1');
  for (const [peer, header, expected] of [
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    // What stands in front, the caller may have written.
    ['10.0.0.1', '127.0.0.1, 10.0.0.7, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1:5678', '198.51.100.1'],
    ['::1', '[2001:db8::7]:443, 10.0.0.2', '2001:db8::7'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '10.0.0.2,'.repeat(100_000), '10.0.0.1'],
    [undefined, '198.51.100.1', undefined],
  ] as const)
    expect([peer, callerBehind(peer, header, trusted)]).toEqual([peer, expected]);
});
