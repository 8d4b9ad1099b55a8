// What is said on the pictures of the chat page, in each language.

export type Told = {
  /** The other sessions in the list, and how many days ago each was used last. */
  sessions: readonly (readonly [name: string, daysAgo: number])[];
  name: string;
  question: string;
  thought: string;
  answer: string;
  /** What an agent with tools does in a session of its own. */
  atWork: {
    name: string;
    question: string;
    /** Beside the call that waits. */
    text: string;
    server: string;
    /** Of the tool that it waits for. */
    description: string;
    calls: { find: Record<string, string>; seats: readonly string[]; book: Record<string, string> };
  };
};

const program = `\`\`\`python
from math import log

def years_to_double(rate: float) -> float:
    return log(2) / log(1 + rate)
\`\`\``;

export const told: Record<'en' | 'zh-CN', Told> = {
  en: {
    sessions: [
      ['A week in Lisbon, with trains', 0],
      ['Rename 2,000 photos by date', 0],
      ['Why the sky turns red at dusk', 1],
      ['Birthday speech for Grandpa', 1],
      ['An index on a JSON column', 1],
      ['Sourdough in a warm kitchen', 2],
      ['Names for a small café', 2],
      ['Explain this regular expression', 19],
      ['Chords for a rainy song', 22],
    ],
    name: 'How fast does money double?',
    question: 'How long does money take to double at 3, 6 and 9 percent?',
    thought: 'Doubling means that (1 + r)^t is 2. I give the exact time beside the rule of thumb.',
    answer: `Money has doubled when $(1 + r)^t = 2$, and so

$$t = \\frac{\\ln 2}{\\ln (1 + r)} \\approx \\frac{72}{100\\,r}$$

The right side is the **rule of 72**, good enough to do in your head:

| Interest | Exact | Rule of 72 |
| :--- | ---: | ---: |
| 3% | 23.4 years | 24 years |
| 6% | 11.9 years | 12 years |
| 9% | 8.0 years | 8 years |

${program}`,
    atWork: {
      name: 'A seat to Lisbon',
      question: 'Book me a window seat to Lisbon on Friday, on the fastest train in the morning.',
      text: 'The **AP 184** is the fastest: 8:40 to 11:30. Seat 21 in carriage 4 is at the window.',
      server: 'Trains',
      description: 'Books a seat, and pays for it',
      calls: {
        find: { from: 'Porto', to: 'Lisbon', day: '2026-05-22' },
        seats: ['AP 184', 'IC 522'],
        book: { train: 'AP 184', seat: 'carriage 4, 21' },
      },
    },
  },
  'zh-CN': {
    sessions: [
      ['坐火车玩一周里斯本', 0],
      ['按日期重命名两千张照片', 0],
      ['傍晚的天空为什么是红的', 1],
      ['爷爷八十大寿的祝词', 1],
      ['给 JSON 列建索引', 1],
      ['夏天怎么养酸面种', 2],
      ['给小咖啡馆起个名字', 2],
      ['解释一条正则表达式', 19],
      ['雨天的歌配什么和弦', 22],
    ],
    name: '本金多久能翻一番？',
    question: '年利率 3%、6% 和 9% 时，本金分别要多久才能翻一番？',
    thought: '翻一番就是 (1 + r)^t = 2。把精确值和口算法则放在一起比较。',
    answer: `当 $(1 + r)^t = 2$ 时，本金翻了一番，因此

$$t = \\frac{\\ln 2}{\\ln (1 + r)} \\approx \\frac{72}{100\\,r}$$

右边就是 **72 法则**，口算足够准确：

| 年利率 | 精确值 | 72 法则 |
| :--- | ---: | ---: |
| 3% | 23.4 年 | 24 年 |
| 6% | 11.9 年 | 12 年 |
| 9% | 8.0 年 | 8 年 |

${program}`,
    atWork: {
      name: '去里斯本的座位',
      question: '帮我订周五上午去里斯本最快的一班火车，要靠窗的座位。',
      text: '最快的是 **AP 184**，8:40 发车，11:30 到达。4 号车厢 21 号靠窗。',
      server: '火车票',
      description: '订座并付款',
      calls: {
        find: { from: '波尔图', to: '里斯本', day: '2026-05-22' },
        seats: ['AP 184', 'IC 522'],
        book: { train: 'AP 184', seat: '4 号车厢 21 号' },
      },
    },
  },
};
