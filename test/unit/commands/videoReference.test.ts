import assert from 'node:assert/strict';
import { formatMarkdownLink, formatVideoReference, getRelativePath } from '../../../src/commands/videoReference';

const VIDEO = { title: 'A red fox', path: 'media/A red fox.mp4', size: { width: 1280, height: 720 } };

describe('a video in a document', () => {
  it('is a link in Markdown, a player in HTML and JSX, and a path elsewhere', () => {
    assert.equal(formatVideoReference(VIDEO, 'markdown'), '[A red fox](media/A%20red%20fox.mp4)');
    assert.equal(
      formatVideoReference(VIDEO, 'html'),
      '<video src="media/A%20red%20fox.mp4" width="1280" height="720" controls loop playsinline>\n' +
        '  <a href="media/A%20red%20fox.mp4">A red fox</a>\n</video>',
    );
    assert.equal(
      formatVideoReference({ ...VIDEO, size: undefined }, 'mdx'),
      '<video src="media/A%20red%20fox.mp4" controls loop playsInline>\n' +
        '  <a href="media/A%20red%20fox.mp4">A red fox</a>\n</video>',
    );
    assert.match(formatVideoReference(VIDEO, 'typescriptreact'), / width=\{1280\} height=\{720\} /);
    assert.equal(formatVideoReference(VIDEO, 'python'), 'media/A red fox.mp4');
  });

  it('has its poster where it has one, and the link leads to the video', () => {
    const video = { ...VIDEO, poster: 'media/A red fox.jpg' };
    assert.equal(formatMarkdownLink(video), '[![A red fox](media/A%20red%20fox.jpg)](media/A%20red%20fox.mp4)');
    for (const [language, size] of [
      ['html', 'width="1280" height="720"'],
      ['typescriptreact', 'width={1280} height={720}'],
    ] as const) {
      assert.ok(
        formatVideoReference(video, language).startsWith(
          `<video src="media/A%20red%20fox.mp4" poster="media/A%20red%20fox.jpg" ${size} controls`,
        ),
        language,
      );
    }
    // A GIF moves in Markdown; where there is a player it is not needed.
    const animated = { ...video, animation: 'media/A red fox.gif' };
    assert.equal(formatMarkdownLink(animated), '[![A red fox](media/A%20red%20fox.gif)](media/A%20red%20fox.mp4)');
    assert.equal(formatVideoReference(animated, 'html'), formatVideoReference(video, 'html'));
    const hostile = { title: '](x)', path: 'a.mp4', poster: '"onload=x.jpg' };
    assert.equal(formatMarkdownLink(hostile), '[![\\](x)](%22onload=x.jpg)](a.mp4)');
    assert.match(formatVideoReference(hostile, 'html'), / poster="%22onload=x\.jpg" /);
    assert.equal(formatVideoReference(video, 'python'), 'media/A red fox.mp4');
    // A picture that moves needs none.
    assert.doesNotMatch(formatMarkdownLink({ ...video, path: 'a.gif' }), /jpg/);
  });

  it('is shown as a picture where the service sent one that moves', () => {
    for (const path of ['a "b".gif', 'a "b".WEBP']) {
      const encoded = path.replace(/"/g, '%22').replace(' ', '%20');
      const video = { title: 'A <"fox">', path };
      assert.equal(formatVideoReference(video, 'markdown'), `![A \\<"fox"\\>](${encoded})`);
      assert.equal(formatVideoReference(video, 'mdx'), `<img src="${encoded}" alt="A &#60;&#34;fox&#34;&#62;" />`);
      assert.equal(formatVideoReference(video, 'html'), formatVideoReference(video, 'mdx'));
    }
  });

  // [title, as Markdown, as HTML]
  const hostile: [title: string, markdown: string, html: string][] = [
    ['](javascript:alert(1))', '\\](javascript:alert(1))', '](javascript:alert(1))'],
    ['<script>x</script>', '\\<script\\>x\\</script\\>', '&#60;script&#62;x&#60;/script&#62;'],
    [
      '{{constructor}} {process.env}',
      '\\{\\{constructor\\}\\} \\{process.env\\}',
      '&#123;&#123;constructor&#125;&#125; &#123;process.env&#125;',
    ],
    ['![x](y) `code` **b** _i_', '\\!\\[x\\](y) \\`code\\` \\*\\*b\\*\\* \\_i\\_', '![x](y) `code` **b** _i_'],
    ['a\\', 'a\\\\', 'a\\'],
    ['"quoted" & \'so\'', '"quoted" \\& \'so\'', '&#34;quoted&#34; &#38; &#39;so&#39;'],
    ['рыжая лиса 狐', 'рыжая лиса 狐', 'рыжая лиса 狐'],
  ];
  for (const [title, markdown, html] of hostile) {
    it(`shows ${title} as text`, () => {
      assert.equal(formatMarkdownLink({ title, path: 'a.mp4' }), `[${markdown}](a.mp4)`);

      for (const language of ['html', 'vue', 'mdx']) {
        assert.ok(formatVideoReference({ title, path: 'a.mp4' }, language).includes(`>${html}</a>`), language);
      }
    });
  }

  const paths: [path: string, encoded: string][] = [
    ['лиса.mp4', 'лиса.mp4'],
    ['a (1).mp4', 'a%20%281%29.mp4'],
    ['50%.mp4', '50%25.mp4'],
    ['what?#x.mp4', 'what%3F%23x.mp4'],
    ['a"onload="x.mp4', 'a%22onload=%22x.mp4'],
    ['javascript:x.mp4', './javascript:x.mp4'],
    ['../a&copy;.mp4', '../a%26copy;.mp4'],
    ['{{a}}<b>.mp4', '%7B%7Ba%7D%7D%3Cb%3E.mp4'],
    ['a\ud800.mp4', 'a\ufffd.mp4'],
    ['a\\b\n.mp4', 'a%5Cb%0A.mp4'],
  ];
  for (const [path, encoded] of paths) {
    it(`is found at ${JSON.stringify(path)}`, () => {
      assert.equal(formatMarkdownLink({ title: 'A', path }), `[A](${encoded})`);
    });
  }

  it('is reached from its document, not over drives', () => {
    assert.equal(getRelativePath('/w/docs/a.md', '/w/media/b.mp4'), '../media/b.mp4');
    assert.equal(getRelativePath('/w/a.md', '/w/b.mp4'), 'b.mp4');
    assert.equal(getRelativePath('/c:/w/a.md', '/C:/w/x/b.mp4'), 'x/b.mp4');
    assert.equal(getRelativePath('/c:/w/a.md', '/d:/w/b.mp4'), undefined);
  });
});
