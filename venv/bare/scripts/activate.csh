# To be sourced by csh or tcsh: it makes the environment that it stands in the
# active one. "deactivate" undoes that.
set _venv_called = ($_)

alias deactivate 'test $?_OLD_VIRTUAL_PATH != 0 && setenv PATH $_OLD_VIRTUAL_PATH:q && unset _OLD_VIRTUAL_PATH; rehash; test $?_OLD_VIRTUAL_PROMPT != 0 && set prompt = $_OLD_VIRTUAL_PROMPT:q && unset _OLD_VIRTUAL_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; test "\!:*" != nondestructive && unalias deactivate'

deactivate nondestructive

# Linux shows which files the shell has open; elsewhere only a command that a
# person typed tells where this file is.
set _venv_file = "`ls -l /proc/$$/fd |& sed -n 's|^.* -> \(/.*/bin/activate.csh\)|\1|p'`"
if ("$_venv_file" == "" && $#_venv_called > 1) then
    set _venv_file = "`realpath $_venv_called[2]:q`"
endif
unset _venv_called
if ("$_venv_file" == "") then
    echo "activate.csh: this shell does not say where the environment is: type source and the path of this file"
    unset _venv_file
    exit 1
endif
setenv VIRTUAL_ENV "$_venv_file:h:h"
setenv VIRTUAL_ENV_PROMPT "$VIRTUAL_ENV:h:t"
unset _venv_file
set _OLD_VIRTUAL_PATH = $PATH:q
setenv PATH "$VIRTUAL_ENV/bin:$PATH"
unsetenv PYTHONHOME
if ($?prompt && ! $?VIRTUAL_ENV_DISABLE_PROMPT) then
    set _OLD_VIRTUAL_PROMPT = $prompt:q
    set prompt = "($VIRTUAL_ENV_PROMPT) $prompt:q"
endif
rehash
