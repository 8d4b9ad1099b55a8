// What waits for a person, as what it is: a question, or a call to be allowed.
import { ApprovalCard, type ApprovalCardProps } from './approval-card.tsx';
import { questionIn } from './question.ts';
import { QuestionCard } from './question-card.tsx';

export function WaitingCard(props: ApprovalCardProps) {
  const question = questionIn(props.call);
  return question ? <QuestionCard {...props} question={question} /> : <ApprovalCard {...props} />;
}
