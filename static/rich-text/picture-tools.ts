// A picture from elsewhere: where it is from, and a button that shows it.
import { pictureFrame, toggleFrame } from './frames.ts';
import { label } from './labels.ts';
import { toolButton } from './tool-button.ts';

export function pictureTools(link: HTMLAnchorElement): void {
  if (!/^https?:$/.test(link.protocol)) return;
  const site = document.createElement('bdi');
  site.className = 'rt-address';
  site.dir = 'ltr';
  site.textContent = ` (${link.host})`;
  if (!link.querySelector('.rt-address')) link.append(site);
  const name = link.textContent;
  const button = toolButton('showPicture', () =>
    toggleFrame(button, button, () =>
      pictureFrame(link.href, name, () => {
        button.nextElementSibling?.remove();
        button.ariaExpanded = 'false';
        button.dataset.label = 'noPicture';
        if (button.parentElement) label(button.parentElement);
      }),
    ),
  );
  button.ariaExpanded = 'false';
  link.after(' ', button);
}
