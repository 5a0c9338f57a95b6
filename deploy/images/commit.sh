#!/bin/bash
# Prints the current commit in the format of git.properties. It reads only files of .git that change with a commit:
# other files change at each look at the repository, and would invalidate the build's cache.
set -euo pipefail

commit=$(cat .git/HEAD 2>/dev/null) || exit 0 # a downloaded archive without a repository
ref=${commit#ref: }
if [[ $ref != "$commit" ]]; then
  commit=$(cat ".git/$ref" 2>/dev/null || sed -n "s|^\([0-9a-f]*\) $ref\$|\1|p" .git/packed-refs 2>/dev/null) ||
    exit 0 # a new repository without a commit
fi
echo "git.commit.id.abbrev=${commit:0:7}"
