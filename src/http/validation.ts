// Says what is wrong with a request, in the caller's language, so that it can be put right.
import type { z } from '@hono/zod-openapi';
import type { Bilingual, Locale } from '../words/bilingual.ts';
import { HttpProblem, type ValidationError } from './problem.ts';

type Issue = z.core.$ZodIssue;
type Target = 'json' | 'query' | 'param' | 'header' | 'cookie' | 'form';

const places: Record<Target, string> = {
  json: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'cookie',
  form: 'body',
};

/** The 422 for what a schema found wrong with `input`, the value of `target` as it came. */
export function invalidRequest(
  target: Target,
  issues: readonly Issue[],
  input: unknown,
  locale: Locale,
): HttpProblem {
  const errors = issues
    .flatMap(meant)
    .slice(0, 20)
    .map((issue): ValidationError => {
      const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
      const value = valueAt(input, issue.path);
      const msg = target === 'query' && Array.isArray(value) ? once[locale] : sentence(issue, value, locale);
      return { loc: [places[target], ...path], msg };
    });
  const first = errors[0];
  const where = first ? first.loc.slice(1).join('.') || places[target] : '';
  const reason = first ? (locale === 'en' ? `${where}: ${first.msg}` : `${where}：${first.msg}`) : '';
  return new HttpProblem('invalid_request', { reason }, { errors });
}

/** The 422 for a rule that no schema of the body could hold. */
export const brokenRule = (path: string[], rule: Rule, locale: Locale): HttpProblem =>
  invalidRequest(
    'json',
    [{ code: 'custom', path, params: rule, message: rule.rule, input: undefined }],
    {},
    locale,
  );

/** A 422 that no schema found. */
export function invalidValue(loc: string[], text: Record<Locale, string>, locale: Locale): HttpProblem {
  const reason = locale === 'en' ? `${loc.at(-1)}: ${text.en}` : `${loc.at(-1)}：${text['zh-CN']}`;
  return new HttpProblem('invalid_request', { reason }, { errors: [{ loc, msg: text[locale] }] });
}

const once = { 'zh-CN': '只能出现一次', en: 'may be given only once' };

// Of the forms that a value may have, the one it came furthest in is the one that was meant.
function meant(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const form =
    issue.errors.find((faults) => faults.some(({ path }) => path.length > 0)) ??
    issue.errors.find((faults) => faults.every(({ code }) => code !== 'invalid_type'));
  return form?.flatMap((fault) => meant({ ...fault, path: [...issue.path, ...fault.path] })) ?? [issue];
}

function sentence(issue: Issue, value: unknown, locale: Locale): string {
  const en = locale === 'en';
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return required[locale];
      return ofType([issue.expected], locale);
    case 'too_small':
      return en ? `must be at least ${issue.minimum}` : `不能小于 ${issue.minimum}`;
    case 'too_big':
      return en ? `must be at most ${issue.maximum}` : `不能大于 ${issue.maximum}`;
    case 'invalid_value':
      return oneOf(issue.values, locale);
    case 'invalid_union': {
      if (value === undefined) return required[locale];
      if ('options' in issue && Array.isArray(issue.options)) return oneOf(issue.options, locale);
      const types = issue.errors.flat().flatMap((one) => (one.code === 'invalid_type' ? one.expected : []));
      return types.length > 0 ? ofType(types, locale) : misshapen[locale];
    }
    case 'custom':
      return ruleSentence(issue.params, locale) ?? (en ? 'is not valid' : '无效');
    default:
      return misshapen[locale];
  }
}

const required = { 'zh-CN': '为必填项', en: 'is required' };
const misshapen = { 'zh-CN': '格式不正确', en: 'does not have the expected form' };

function oneOf(values: readonly unknown[], locale: Locale): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return locale === 'en' ? `must be ${quoted.join(' or ')}` : `必须是 ${quoted.join(' 或 ')}`;
}

function ofType(types: readonly string[], locale: Locale): string {
  const names = types.map((type) => typeNames[type]?.[locale] ?? type);
  return locale === 'en' ? `must be ${names.join(' or ')}` : `必须是${names.join('或')}`;
}

const typeNames: Record<string, Record<Locale, string>> = {
  string: { 'zh-CN': '字符串', en: 'a string' },
  number: { 'zh-CN': '数字', en: 'a number' },
  int: { 'zh-CN': '整数', en: 'a whole number' },
  boolean: { 'zh-CN': '布尔值', en: 'true or false' },
  object: { 'zh-CN': '对象', en: 'an object' },
  record: { 'zh-CN': '对象', en: 'an object' },
  array: { 'zh-CN': '数组', en: 'an array' },
  null: { 'zh-CN': ' null', en: 'null' },
};

/** A rule of our own that a value broke: the `params` of its refinement. */
export type Rule =
  | { rule: 'uuid' | 'storable' | 'number' | 'object' | 'too_deep' | 'cursor' | 'boolean' }
  | { rule: 'time' | 'later' | 'label' | 'some_limit' }
  | { rule: 'only_when_made' | 'team_state' | 'other_state' }
  | { rule: 'date' | 'earlier' | 'says_something' | 'model_address' | 'no_placeholder' }
  | { rule: 'owner_name'; fault: Bilingual }
  | { rule: 'length'; minimum: number; maximum: number }
  | { rule: 'bytes'; maximum: number }
  | { rule: 'whole_number' | 'between'; minimum: number; maximum: number };

function ruleSentence(params: unknown, locale: Locale): string | undefined {
  if (!isRule(params)) return undefined;
  const en = locale === 'en';
  switch (params.rule) {
    case 'uuid':
      return en
        ? 'must be a UUID, like 0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b'
        : '必须是 UUID，例如 0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
    case 'storable':
      return en
        ? 'holds a NUL character or half of a surrogate pair, which cannot be stored: remove it'
        : '含有无法存储的字符（NUL 或不成对的代理项），请将其删除';
    case 'number':
      return en
        ? 'holds a number that is too large to keep: make it a string'
        : '含有过大而无法保存的数字，请改用字符串';
    case 'object':
      return ofType(['object'], locale);
    case 'too_deep':
      return en ? 'is nested too deeply' : '嵌套层次过深';
    case 'time':
      return en ? 'must be a time like 2027-01-31T12:00:00Z' : '必须是时间，例如 2027-01-31T12:00:00Z';
    case 'later':
      return en ? 'must be in the future' : '必须是将来的时间';
    case 'owner_name':
      return params.fault[locale];
    case 'label':
      return en ? 'must have no control characters' : '不能含有控制字符';
    case 'some_limit':
      return en ? 'must have at least one limit (null for none)' : '至少须给出一项限额（null 表示不限）';
    case 'cursor':
      return en ? 'is no cursor that this server gave out' : '不是本服务器给出的游标';
    case 'only_when_made':
      return en
        ? 'can only be given when a session is made: make a new one with POST /api/sessions'
        : '只能在创建会话时提供，请用 POST /api/sessions 新建会话';
    case 'team_state':
      return en
        ? 'must be the AssistantAgentState of one agent, and this is the state of a team, which AgentChat has not yet: give one of those under agent_states (in it, agent_state)'
        : '必须是单个智能体的 AssistantAgentState，而这是团队的状态，目前还不支持：请给出 agent_states 下某个智能体的 agent_state';
    case 'other_state':
      return en
        ? 'must be an AssistantAgentState, whose messages are in llm_context: this has none'
        : '必须是 AssistantAgentState，其消息在 llm_context 里，而这里没有 llm_context';
    case 'date':
      return en ? 'must be a day like 2026-04-03' : '必须是日期，例如 2026-04-03';
    case 'says_something':
      return en ? 'must have a text or an image, and at most 20 images' : '须含有文本或图片，图片最多 20 张';
    case 'earlier':
      return en ? 'must not be after `to`' : '不能晚于 to';
    case 'boolean':
      return en ? 'must be true or false' : '必须是 true 或 false';
    case 'length':
      return en
        ? `must have ${params.minimum} to ${params.maximum} characters`
        : `长度须为 ${params.minimum} 到 ${params.maximum} 个字符`;
    case 'bytes':
      return en ? `must be at most ${params.maximum} bytes of JSON` : `JSON 不能超过 ${params.maximum} 字节`;
    case 'model_address':
      return en
        ? 'must be an http:// or https:// address where a model may be'
        : '必须是 http:// 或 https:// 地址，且可能有模型服务';
    case 'no_placeholder':
      return en ? 'must be the value itself, not a variable’s name' : '必须是值本身，不能是变量名';
    case 'between':
      return en
        ? `must be a number from ${params.minimum} to ${params.maximum}`
        : `必须是 ${params.minimum} 到 ${params.maximum} 之间的数`;
    case 'whole_number':
      return en
        ? `must be a whole number from ${params.minimum} to ${params.maximum}`
        : `必须是 ${params.minimum} 到 ${params.maximum} 之间的整数`;
  }
}

function isRule(params: unknown): params is Rule {
  return typeof params === 'object' && params !== null && 'rule' in params;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
