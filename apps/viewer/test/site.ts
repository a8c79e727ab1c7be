/**
 * The built page on a server of files, and a real Chromium that visits it as a person would. Whatever the test is about, no visit may leave an error
 * in the console or ask another site for anything.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { env } from 'node:process';

import { type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright';
import { expect, inject } from 'vitest';

import { launch } from './browser.ts';

/** The built page: `dist`, or the folder that LOWLAND_VIEWER_DIST names. */
export const dist = resolve(import.meta.dirname, '..', env['LOWLAND_VIEWER_DIST'] ?? 'dist');
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** One visit. */
export interface Visit {
  readonly page: Page;
  /** Messages of the console that are no debugging, and requests to other sites. */
  readonly complaints: string[];
  /** Nothing was complained about. */
  readonly end: () => Promise<void>;
}

export interface Site extends AsyncDisposable {
  readonly origin: string;
  visit(hash?: string, options?: BrowserContextOptions): Promise<Visit>;
  /** The same at another address, such as that of `lowland view`. */
  visitAt(address: string, options?: BrowserContextOptions): Promise<Visit>;
}

/** The built page on a server of files, which can be ended like any. */
export async function servePage(): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const name = path === '/' ? '/index.html' : path;
    readFile(join(dist, name)).then(
      (content) => {
        response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' });
        response.end(content);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    origin,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param flags for a browser of its own; without them the one of all files
 * @throws where the page is not built: this suite never skips
 */
export async function openSite(flags?: readonly string[]): Promise<Site> {
  await readFile(join(dist, 'index.html')).catch(() => {
    throw new Error('The page is not built: run "pnpm build" in apps/viewer first.');
  });
  const { origin, close } = await servePage();
  const browser = flags === undefined ? await chromium.connectOverCDP(inject('browser'), { isLocal: true }) : await launch(flags);
  const visitAt = async (address: string, options: BrowserContextOptions = {}): Promise<Visit> => {
    const home = `${new URL(address).origin}/`;
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, acceptDownloads: true, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !isDriver(message.text())) complaints.push(`${message.type()}: ${message.text()}${where(message.location().url)}`); });
    page.on('pageerror', (error) => { complaints.push(`uncaught: ${error.message}`); });
    page.on('request', (request) => { if (!request.url().startsWith(home) && !/^(data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`); });
    page.setDefaultTimeout(20_000);
    await page.goto(address);
    await page.locator('.compose').waitFor({ state: 'attached' });
    return {
      page,
      complaints,
      end: async () => {
        await context.close();
        expect(complaints).toEqual([]);
      },
    };
  };
  return {
    origin,
    visit: (hash = '', options = {}) => visitAt(`${origin}${hash}`, options),
    visitAt,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      close();
    },
  };
}

/** What the driver of the software renderer says of itself when a picture is read back, and what Chromium notes where it has no GPU. */
const isDriver = (text: string): boolean => text.includes('GPU stall due to ReadPixels') || text.startsWith('No available adapters');

/** Waits until the run chips say that all runs have ended. */
export async function allEnded(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const chips = [...document.querySelectorAll('.run-list li')];
    return chips.length > 0 && chips.every((chip) => ['ended', 'failed', 'file'].includes(chip.getAttribute('data-status') ?? ''));
  });
}

/** The address, once it has caught up with the state. */
export async function addressOf(page: Page): Promise<string> {
  await page.waitForTimeout(350);
  return new URL(page.url()).hash;
}

/** Waits for words; fails where they do not come. */
export const expectWords = (place: Page | Locator, words: RegExp | string): Promise<void> => place.getByText(words).first().waitFor();

/** What a panel's button saves. */
export async function saved(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()]);
  return readFile(await download.path());
}

/** The rows of a CSV of numbers, by column. */
export async function savedTable(page: Page, panel: string): Promise<Map<string, string[]>> {
  const text = (await saved(page, `Save ${panel} as CSV`)).toString('utf8');
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const cells = lines.map(cellsOf);
  return new Map(cellsOf(header).map((column, k) => [column, cells.map((row) => row[k] ?? '')]));
}

/** Cells of a line, some in quotes. */
const cellsOf = (line: string): string[] => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');

/** Of a picture: its size, and how many different colours it has, of pixels on a grid: a blank one has one, or a few at its edges. */
export const pictured = (page: Page, bytes: Buffer, type: string): Promise<{ width: number; height: number; colours: number }> =>
  page.evaluate(
    async ([content, mime]) => {
      const image = new Image();
      image.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type: mime }));
      await image.decode();
      URL.revokeObjectURL(image.src);
      const surface = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = surface.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, surface.width, surface.height);
      const seen = new Set<number>();
      for (let k = 0; k < data.length; k += 4 * 7) seen.add((data[k]! << 16) | (data[k + 1]! << 8) | data[k + 2]!);
      return { width: image.naturalWidth, height: image.naturalHeight, colours: seen.size };
    },
    [bytes.toString('base64'), type] as const,
  );

/** How many different colours an element shows. */
export const colours = async (page: Page, selector: string): Promise<number> => (await pictured(page, await page.locator(selector).screenshot(), 'image/png')).colours;

/** Of what could not be loaded the address. */
const where = (address: string): string => (address === '' ? '' : ` (${address})`);
