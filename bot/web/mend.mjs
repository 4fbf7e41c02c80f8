// Mends defects of @chatui/core 3.8.0 and @algolia/autocomplete-js 1.19.12 while they are bundled. Each edit names the text that it replaces; where a new
// version of the library no longer has that text, the build stops, so that no mend is lost in silence.

const edits = {
  // Every bubble was an assertive alert. The list around them is a polite log instead (chat/widget.tsx).
  "@chatui/core/es/components/Message/Message.js": [
    [`role: "alert",\n    "aria-live": "assertive",\n    "aria-atomic": "false"`, ""],
  ],
  // The send button listened to the mouse alone: not to the keyboard, not to a screen reader's click.
  "@chatui/core/es/components/Composer/SendButton.js": [
    ["onMouseDown: onClick", "onMouseDown: function (e) { e.preventDefault(); }, onClick: onClick"],
  ],
  // Its name was Chinese in every language and told to click twice.
  "@chatui/core/es/components/QuickReplies/QuickReply.js": [
    [`"aria-label": "\\u5FEB\\u6377\\u77ED\\u8BED: ".concat(item.name, "\\uFF0C\\u53CC\\u51FB\\u53D1\\u9001"),`, ""],
  ],
  // A new answer was shown from its end, and behind a badge when it was long. Show it from the question on instead.
  "@chatui/core/es/components/MessageContainer/index.js": [
    [
      "} else if (isNearBottom(wrapper, 2)) {",
      `} else if (true) {
      var questions = wrapper.querySelectorAll(".Message.right");
      var question = questions[questions.length - 1];
      if (question) wrapper.scrollTop += question.getBoundingClientRect().top - wrapper.getBoundingClientRect().top - 12;
    } else if (isNearBottom(wrapper, 2)) {`,
    ],
    ["scrollToEnd();\n  }, [isTyping, scrollToEnd]);", "if (isTyping) scrollToEnd({ animated: false });\n  }, [isTyping, scrollToEnd]);"],
    ["scrollToEnd({\n        force: true\n      });", "scrollToEnd({ force: true, animated: false });"],
  ],
  // It looked for itself in the host page, where a widget in a shadow root is not.
  "@chatui/core/es/components/Composer/ComposerInput.js": [
    ["document.querySelector('.Composer')", "inputRef.current.closest('.Composer')"],
  ],
  // It set classes and attributes on the host page.
  "@chatui/core/es/utils/toggleClass.js": [["document.body", "document.createElement('div')"]],
  "@chatui/core/es/hooks/useColorScheme.js": [["document.documentElement.dataset.colorScheme = resolvedScheme;", ""]],
  "@chatui/core/es/components/Chat/index.js": [["var rootEl = document.documentElement;", "var rootEl = document.createElement('div');"]],
  // It set a global name in the host page.
  "@babel/runtime/regenerator/index.js": [
    ["try {\n  regeneratorRuntime = runtime;\n}", "try {\n}"],
  ],
  // It ignored the environment that it is given and spoke to the host page's window (see help/environment.ts).
  "@algolia/autocomplete-js/dist/esm/getDefaultOptions.js": [
    ["environment: environment\n    })", "environment: core.environment || environment\n    })"],
  ],
};

const REM = 16; // CSS pixels: a host page's own font size must not scale the widget

/** The library's style sheet for a shadow root: no page-wide rules, no remote fonts, no unit of the host page. */
function mendStyles(css) {
  const mended = css
    .replace(/@font-face\{[^}]*\}/g, "")
    .replace(/(^|[{},])(?:html|body|#root|html\[data-safari\])(?:,(?:html|body|#root))*\{[^}]*\}/g, "$1")
    .replace(/(?::root|html)(?=[[{,\s])/g, ".yb-root")
    .replace(/(\d*\.?\d+)rem\b/g, (_, number) => `${Number(number) * REM}px`);
  for (const trace of [/https?:\/\/(?!www\.w3\.org\/)/, /:root/, /\brem\b/]) {
    if (trace.test(mended)) throw new Error(`@chatui/core's style sheet still has ${trace}: see mend.mjs`);
  }
  return mended;
}

/** The Vite plugin that applies the edits. */
export function mendLibraries() {
  return {
    name: "mend-libraries",
    enforce: "pre",
    transform(code, id) {
      const [file, query = ""] = id.split("?");
      if (query.startsWith("commonjs")) return null; // what Vite itself puts around a module
      const path = file.split("/node_modules/").pop();
      if (path === "@chatui/core/dist/index.css") return { code: mendStyles(code), map: null };
      if (!edits[path]) return null;
      let mended = code;
      for (const [from, to] of edits[path]) {
        if (!mended.includes(from)) throw new Error(`${path} has changed: see mend.mjs`);
        mended = mended.replace(from, to);
      }
      return { code: mended, map: null };
    },
  };
}
