/**
 * Completion scripts that ask the program itself what can be at the end of a line, so that they need no change for a
 * new verb. Where the program names nothing, the shell offers files.
 */
const bash = `# completion of regrant for bash: eval "$(regrant completion bash)"
_regrant() {
  local line="\${COMP_LINE:0:COMP_POINT}" word
  # "=", ":" and "@" break words in bash, and e-mails have the last one in them
  local typed="\${line##*[[:space:]]}" current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("\${word:\${#typed}-\${#current}}")
  done < <("\${COMP_WORDS[0]}" complete-line -- "\${line#*[[:space:]]}" 2>/dev/null)
}
complete -o default -F _regrant regrant
`;

const zsh = `#compdef regrant
# completion of regrant for zsh: eval "$(regrant completion zsh)"
_regrant() {
  local -a found
  found=("\${(@f)$(\${words[1]} complete-line -- "\${(j: :)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then compadd -Q -- "\${found[@]}"; else _files; fi
}
if [ "$funcstack[1]" = _regrant ]; then _regrant "$@"; else compdef _regrant regrant; fi
`;

const fish = `# completion of regrant for fish: regrant completion fish | source
function __regrant_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] complete-line -- (string join ' ' -- $words[2..-1]) 2>/dev/null
end
complete -c regrant -a '(__regrant_complete)'
`;

export const shellScripts = { bash, zsh, fish } as const;
