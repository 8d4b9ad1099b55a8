// The one way from a string of HTML to nodes of the page. What a reply may look like is listed here; whatever
// is not listed is dropped, whoever made it.
import createDOMPurify from 'dompurify';

const html =
  'a blockquote br button code del div em h3 h4 h5 h6 hr input li ol p pre span strong table tbody td th thead tr ul';
const mathml =
  'math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace ' +
  'msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover';
const htmlAttributes =
  'class data-aria data-label data-language data-tex dir href rel role start tabindex target title type ' +
  'checked disabled';
const mathAttributes =
  'accent accentunder columnalign depth display displaystyle fence form height largeop linethickness lspace ' +
  'mathsize mathvariant maxsize minsize movablelimits notation rowspacing rspace scriptlevel separator ' +
  'stretchy symmetric voffset width';

const attributes = `${htmlAttributes} ${mathAttributes}`.split(' ');
const config = {
  ALLOWED_TAGS: `#text ${html} ${mathml}`.split(' '),
  ALLOWED_ATTR: attributes,
  ADD_URI_SAFE_ATTR: attributes.filter((name) => name !== 'href'),
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** Classes that are this module's, the highlighter's and the formulas' own. */
const ownClass = /^(?:(?:rt|hljs|tml)-[\w-]+|[a-z]+_)$/;
const fixed: Record<string, readonly string[]> = {
  dir: ['auto', 'ltr', 'rtl'],
  tabindex: ['0'],
  role: ['group'],
  target: ['_blank'],
  rel: ['noopener noreferrer nofollow'],
  type: ['button', 'checkbox'],
};

const purify = createDOMPurify(window);

purify.addHook('uponSanitizeAttribute', (_element, attribute) => {
  const { attrName, attrValue } = attribute;
  if (attrName === 'class') {
    attribute.attrValue = attrValue
      .split(/\s+/)
      .filter((name) => ownClass.test(name))
      .join(' ');
    if (attribute.attrValue === '') attribute.keepAttr = false;
  } else if (Object.hasOwn(fixed, attrName) && !fixed[attrName]?.includes(attrValue)) {
    attribute.keepAttr = false;
  }
});

purify.addHook('afterSanitizeAttributes', (element) => {
  if (element.nodeName === 'A' && element.hasAttribute('href')) {
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  if (element.nodeName === 'BUTTON') element.setAttribute('type', 'button');
  if (element.nodeName === 'INPUT') {
    element.setAttribute('type', 'checkbox');
    element.setAttribute('disabled', '');
  }
});

/** Nodes for the page, of which nothing runs or loads. */
export function sanitize(source: string): DocumentFragment {
  return purify.sanitize(source, config);
}
