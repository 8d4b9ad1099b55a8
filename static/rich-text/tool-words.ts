// What the tools of code, tables and pictures are called.

const en = {
  wrap: 'Wrap',
  save: 'Save',
  copyTable: 'Copy table',
  saveTable: 'Save as CSV',
  preview: 'Preview',
  showPicture: 'Show',
  noPicture: 'Cannot be shown',
};

export type ToolWord = keyof typeof en;

export const toolWords: Record<'zh-CN' | 'en', Record<ToolWord, string>> = {
  en,
  'zh-CN': {
    wrap: '自动换行',
    save: '保存',
    copyTable: '复制表格',
    saveTable: '存为 CSV',
    preview: '预览',
    showPicture: '显示',
    noPicture: '无法显示',
  },
};
