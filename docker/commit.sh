#!/bin/bash
# Prints the commit that is checked out as Maven's plugin would write it to git.properties, from the few files of .git
# that change with a commit only: with the whole of it, every look at the repository would make every build anew.
set -euo pipefail

commit=$(cat .git/HEAD 2>/dev/null) || exit 0 # no repository: a downloaded archive
ref=${commit#ref: }
if [[ $ref != "$commit" ]]; then
  commit=$(cat ".git/$ref" 2>/dev/null || sed -n "s|^\([0-9a-f]*\) $ref\$|\1|p" .git/packed-refs)
fi
echo "git.commit.id.abbrev=${commit:0:7}"
