# Completion of lockstep in bash: verbs, kinds of corpora, options, configuration keys, files and folders. Everything
# comes from the program that is completed (`lockstep VERB --help-table`), so this file knows no option by name but
# --task, which chooses between the tables of one kind, and --set, whose values are configuration keys.
#
#     source launch/site/lockstep.bash
#
# Installed as share/bash-completion/completions/lockstep, it is loaded by itself.

declare -gA _lockstep_answers  # what the program has said in this shell, by its words

# Sets `answer` to what the program prints for these words.
_lockstep_ask() {
  local asked="$*"
  if [[ ! ${_lockstep_answers[$asked]+known} ]]; then
    _lockstep_answers[$asked]=$("$@" 2>/dev/null </dev/null)
  fi
  answer=${_lockstep_answers[$asked]}
}

# Offers files or folders whose names begin with the current word.
_lockstep_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

# Offers what fits a value that the help calls by this name.
_lockstep_value() {
  case $1 in
    KEY=VALUE*)
      _lockstep_ask "${command[0]}" train --help-config
      compopt -o nospace 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -W "$(awk '{print $1 "="}' <<<"$answer")" -- "$current") ;;
    RUN* | CORPUS* | FOLDER*) _lockstep_paths -d ;;
    *FILE* | *PATH* | MIDI* | MANIFEST* | WHAT*) _lockstep_paths -f ;;
  esac
}

_lockstep() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local option="" answer="" word at name value text names="" wanted="" bare=""
  local command=("${COMP_WORDS[0]/#\~/$HOME}")
  COMPREPLY=()
  # Bash makes "=" a word of its own, as in --run=R and in key=value; of the values of keys nothing is known.
  if [[ $current == = ]]; then
    current="" before=${COMP_WORDS[COMP_CWORD - 1]}
    [[ $before == -* ]] || return
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $before == -* ]] || return
  fi
  for ((at = 1; at < COMP_CWORD; ++at)); do
    word=${COMP_WORDS[at]}
    [[ $word != = ]] || continue
    if [[ $word == -* ]]; then
      option=$word
    elif ((at == 1)) || [[ $at -eq 2 && ${command[1]} =~ ^(prepare|help)$ ]]; then
      command+=("$word")
    elif [[ $option == --task && ${command[1]} == prepare ]]; then
      command+=(--task "$word")
    fi
  done
  _lockstep_ask "${command[@]}" --help-table
  while IFS=$'\037' read -r _ name value text; do
    names+=" $name"
    # The first word of `report RUN` and its like needs no option before it.
    [[ $text == *"the word $name may be left out"* && $COMP_CWORD -eq 2 && $current != -* ]] && bare=$value
    # Another value may follow where an option may have several ("FILE ...").
    [[ $name == "$option" && -n $value && $current != -* ]] || continue
    [[ $before == "$option" || $value == *" ..." ]] && wanted=$value
  done < <(tr '\t' '\037' <<<"$answer")
  if [[ -n $wanted ]]; then
    _lockstep_value "$wanted"
  elif [[ $names == *" --path"* && $current != -* ]]; then
    _lockstep_paths -f
  elif [[ -n $bare ]]; then
    _lockstep_value "$bare"
  else
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$current")
  fi
}

complete -F _lockstep lockstep
