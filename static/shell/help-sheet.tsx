// The sheet of keyboard shortcuts.
import type { Locale } from '../state/settings.ts';
import { useApp } from './app-context.ts';
import { Dialog } from './dialog.tsx';
import { commandKey } from './shortcuts.ts';

const rows: readonly { says: Record<Locale, string>; keys: readonly string[] }[] = [
  { says: { en: 'Send the message', 'zh-CN': '发送消息' }, keys: ['Enter'] },
  { says: { en: 'New line', 'zh-CN': '换行' }, keys: ['Shift', 'Enter'] },
  {
    says: { en: 'Bring the last message back (in an empty box)', 'zh-CN': '取回上一条消息（输入框为空时）' },
    keys: ['↑'],
  },
  { says: { en: 'Stop the reply', 'zh-CN': '停止回复' }, keys: ['Esc'] },
  { says: { en: 'Go to the message box', 'zh-CN': '跳到输入框' }, keys: ['/'] },
  { says: { en: 'Search sessions', 'zh-CN': '搜索会话' }, keys: [commandKey, 'K'] },
  { says: { en: 'New session', 'zh-CN': '新会话' }, keys: [commandKey, 'Shift', 'O'] },
  { says: { en: 'Show what waits for you', 'zh-CN': '查看等你决定的调用' }, keys: [commandKey, '.'] },
  { says: { en: 'Rename the session (in the list)', 'zh-CN': '重命名会话（在列表中）' }, keys: ['F2'] },
  { says: { en: 'Delete the session (in the list)', 'zh-CN': '删除会话（在列表中）' }, keys: ['Delete'] },
  { says: { en: 'Show this sheet', 'zh-CN': '显示这张表' }, keys: [commandKey, '/'] },
];

export function HelpSheet() {
  const { settings, dialog } = useApp();
  const { t, locale } = settings;
  const close = () => {
    dialog.value = null;
  };
  return (
    <Dialog title={t('help')} onClose={close}>
      <dl class="shortcuts">
        {rows.map(({ says, keys }) => (
          <div class="shortcut" key={says.en}>
            <dt>{says[locale.value]}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
