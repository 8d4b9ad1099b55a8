// What a turn is at a time: in its row, in its events and on the wire. `waiting`: for somebody's answer, while no process
// holds it.
import type { Bilingual } from './bilingual.ts';

export const turnStatuses = ['queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'] as const;
export type TurnStatus = (typeof turnStatuses)[number];

export type FinalStatus = Exclude<TurnStatus, 'queued' | 'running' | 'waiting'>;

export const isFinal = (status: TurnStatus): status is FinalStatus =>
  status !== 'queued' && status !== 'running' && status !== 'waiting';

export const statusNames: Record<TurnStatus, Bilingual> = {
  queued: { 'zh-CN': '排队中', en: 'queued' },
  running: { 'zh-CN': '运行中', en: 'running' },
  waiting: { 'zh-CN': '等待答复', en: 'waiting' },
  completed: { 'zh-CN': '已完成', en: 'completed' },
  failed: { 'zh-CN': '失败', en: 'failed' },
  cancelled: { 'zh-CN': '已取消', en: 'cancelled' },
};
