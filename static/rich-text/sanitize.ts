// The one way from a string of HTML to nodes of the page. What a reply may look like is listed here, and for formulas
// in math-library.ts; whatever is not listed is dropped, whoever made it.
import createDOMPurify from 'dompurify';

const html =
  'a blockquote br button code del div em h3 h4 h5 h6 hr input li ol p pre span strong table tbody td th thead tr ul ' +
  'kbd mark sub sup';
const htmlAttributes =
  'class data-aria data-label data-language data-note data-tex dir href id rel role start tabindex target title type ' +
  'checked disabled';
/** Classes that are this module's, the highlighter's and the formulas' own. */
const ownClass = /^(?:(?:rt|hljs|tml)-[\w-]+|[a-z]+_)$/;
const fixed: Record<string, readonly string[]> = {
  dir: ['auto', 'ltr', 'rtl'],
  tabindex: ['0'],
  role: ['group', 'note', 'doc-noteref'],
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
  } else if (attrName === 'id') {
    attribute.keepAttr = /^fnref-[\d-]+$/.test(attrValue);
  } else if (Object.hasOwn(fixed, attrName) && !fixed[attrName]?.includes(attrValue)) {
    attribute.keepAttr = false;
  }
});

purify.addHook('afterSanitizeAttributes', (element) => {
  if (element.nodeName === 'A' && /^[^#]/.test(element.getAttribute('href') ?? '')) {
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  if (element.nodeName === 'BUTTON') element.setAttribute('type', 'button');
  if (element.nodeName === 'INPUT') {
    element.setAttribute('type', 'checkbox');
    element.setAttribute('disabled', '');
  }
});

/** Makes what lets only these elements and attributes through, by their names with spaces between. */
export function sanitizer(elements: string, attributes: string): (source: string) => DocumentFragment {
  const names = attributes.split(' ');
  const config = {
    ALLOWED_TAGS: `#text ${elements}`.split(' '),
    ALLOWED_ATTR: names,
    ADD_URI_SAFE_ATTR: names.filter((name) => name !== 'href'),
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|#fn-)/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true as const,
  };
  return (source) => purify.sanitize(source, config);
}

/** Nodes for the page, of which nothing runs or loads. */
export const sanitize = sanitizer(html, htmlAttributes);
