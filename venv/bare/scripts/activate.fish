# To be sourced by fish: it makes the environment that it stands in the active
# one. "deactivate" undoes that.

function deactivate -d "Leave the Python environment"
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
    end
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_PYTHONHOME
    end
    if functions -q _old_venv_prompt
        functions -e fish_prompt
        functions -c _old_venv_prompt fish_prompt
        functions -e _old_venv_prompt
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

deactivate nondestructive

set -gx VIRTUAL_ENV (realpath (status dirname)/..)
set -gx VIRTUAL_ENV_PROMPT (basename (dirname $VIRTUAL_ENV))
set -gx _OLD_VIRTUAL_PATH $PATH
set -gx PATH $VIRTUAL_ENV/bin $PATH
if set -q PYTHONHOME
    set -gx _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _old_venv_prompt
    function fish_prompt
        set -l last $status
        echo -n "($VIRTUAL_ENV_PROMPT) "
        sh -c "exit $last"
        _old_venv_prompt
    end
end
