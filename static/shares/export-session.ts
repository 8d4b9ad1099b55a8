// A whole session as a file, as the server makes it.
import { request } from '../api/request.ts';
import { sessionPath } from '../api/sessions.ts';
import { download } from '../shell/download.ts';

export type ExportFormat = 'md' | 'html' | 'json';

export async function exportSession(id: string, format: ExportFormat): Promise<void> {
  const response = await request(`${sessionPath(id)}/export?format=${format}`);
  const [, name] = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
  download(name === undefined ? `session.${format}` : decodeURIComponent(name), await response.blob());
}
