#!/bin/sh
# dev_test.sh SOURCE_ROOT CASE: one test of ./dev, exit 0 when it holds, 77 when it cannot be tried.
#
# ./dev is copied into an empty clone and sees a PATH of ordinary tools and stand-ins: dpkg-query
# knows the packages listed in $machine/installed, apt-get, cmake and ctest write what they are
# asked into $machine/log, and id says who $machine/uid is.
set -eu

source_root=$1
machine=$(mktemp -d)
trap 'rm -rf "$machine"' EXIT
clone=$machine/clone
log=$machine/log

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  printf 'output was:\n' >&2
  cat "$machine/output" >&2
  exit 1
}

stand_in() { # NAME, its script on stdin
  { echo '#!/bin/sh' && cat; } >"$machine/bin/$1"
  chmod +x "$machine/bin/$1"
}

set_up() {
  mkdir -p "$machine/bin" "$clone"
  cp "$source_root/dev" "$source_root/CMakePresets.json" "$clone"
  for tool in sh env awk cat chmod cut dirname git grep mkdir printf rm sed sha256sum stat tr wc xargs; do
    path=$(command -v "$tool") || continue # A machine without git builds too.
    ln -s "$path" "$machine/bin/$tool"
  done
  touch "$log" "$machine/installed"
  echo 1000 >"$machine/uid"
  echo 4 >"$machine/cores"
  printf 'MemAvailable:   64000000 kB\n' >"$machine/meminfo"
  release debian 12
  export MACHINE="$machine"
  stand_in id <<'END'
cat "$MACHINE/uid"
END
  stand_in nproc <<'END'
cat "$MACHINE/cores"
END
  stand_in dpkg-query <<'END'
for last; do :; done
echo "$last" >>"$MACHINE/asked"
grep -qx "$last" "$MACHINE/installed" && printf installed
END
  stand_in apt-get <<'END'
echo "apt-get $*" >>"$MACHINE/log"
[ "$1" = update ] || printf '%s\n' "$@" >>"$MACHINE/installed"
END
  # Configuring leaves a build file, building leaves a program that exits 3.
  stand_in cmake <<'END'
echo "cmake $*" >>"$MACHINE/log"
release=$MACHINE/clone/build/release
mkdir -p "$release/sim/cli"
if [ "$1" != --build ]; then
  echo >"$release/build.ninja"
  exit
fi
[ ! -e "$MACHINE/build_fails" ] || exit 1
printf '#!/bin/sh\necho verdict\nexit 3\n' >"$release/sim/cli/greytick"
chmod +x "$release/sim/cli/greytick"
END
}

release() { printf 'ID=%s\nVERSION_ID="%s"\n' "$1" "$2" >"$machine/os-release"; }

# dev EXPECTED_EXIT ARGUMENT...: runs the copy; what it says is in $machine/output.
dev() {
  expected=$1
  shift
  code=0
  PATH=$machine/bin DEV_OS_RELEASE=$machine/os-release DEV_MEMINFO=$machine/meminfo \
    DEV_MEMORY_MAX=$machine/memory_max "$clone/dev" "$@" >"$machine/output" 2>&1 </dev/null || code=$?
  [ "$code" -eq "$expected" ] || fail "dev $* exited $code, not $expected"
}

says() { grep -qF -- "$1" "$machine/output" || fail "nothing like: $1"; }
does_not_say() { ! grep -qF -- "$1" "$machine/output" || fail "unexpected: $1"; }

run_on_debian_12_installs_what_the_simulator_needs_and_no_more() {
  echo 0 >"$machine/uid"
  dev 0 --dry-run run x.yaml
  says '+ env DEBIAN_FRONTEND=noninteractive apt-get update'
  says '+ env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends g++ cmake'
  says ' libboost1.81-dev '
  does_not_say libboost-dev
  does_not_say libgtest-dev
  does_not_say libbenchmark-dev
  does_not_say clang
  says "+ cmake --build $clone/build/release --target greytick -j 4"
  [ "$(tail -n 1 "$machine/output")" = "+ $clone/build/release/sim/cli/greytick run x.yaml" ] ||
    fail 'the last command is not the simulator'
}

validate_model_builds_its_program_and_runs_it() {
  echo 0 >"$machine/uid"
  dev 0 --dry-run validate-model
  says ' libgtest-dev '
  says "+ cmake --build $clone/build/release --target greytick_validation -j 4"
  [ "$(tail -n 1 "$machine/output")" = '+ build/release/tests/validation/greytick_validation' ] ||
    fail 'the last command is not the validation'
}

run_on_ubuntu_24_04_takes_its_boost() {
  echo 0 >"$machine/uid"
  release ubuntu 24.04
  dev 0 --dry-run run x.yaml
  says ' libboost1.83-dev '
  does_not_say libboost1.81-dev
}

an_older_release_is_refused() {
  release debian 11
  dev 69 --dry-run run x.yaml
  says 'debian:11 is too old'
  release ubuntu 22.04
  dev 69 --dry-run run x.yaml
  says 'ubuntu:22.04 is too old'
}

a_user_without_rights_gets_the_exact_line() {
  dev 69 run x.yaml
  says 'apt-get update && apt-get install -y --no-install-recommends g++ cmake ninja-build pkgconf libboost1.81-dev'
  [ ! -s "$log" ] || fail 'something was run'
}

a_user_with_sudo_installs_through_it() {
  stand_in sudo <<'END'
echo "sudo $*" >>"$MACHINE/log"
[ "$1" = -n ] || exec "$@"
END
  dev 3 run x.yaml
  grep -qx 'sudo env DEBIAN_FRONTEND=noninteractive apt-get update' "$log" || fail 'no sudo'
  grep -q '^apt-get install' "$log" || fail 'nothing installed'
}

only_missing_packages_are_installed() {
  echo 0 >"$machine/uid"
  printf '%s\n' g++ cmake ninja-build pkgconf libboost1.81-dev libfmt-dev libspdlog-dev \
    libcli11-dev libsqlite3-dev libpugixml-dev libfyaml-dev libprotobuf-dev >"$machine/installed"
  dev 0 --dry-run run x.yaml
  says 'missing packages: nlohmann-json3-dev'
  echo nlohmann-json3-dev >>"$machine/installed"
  dev 0 --dry-run run x.yaml
  does_not_say apt-get
}

test_needs_the_test_packages_and_runs_everything() {
  echo 0 >"$machine/uid"
  mkdir -p "$clone/tests/scenarios"
  printf '#!/bin/sh\n' >"$clone/tests/scenarios/run"
  chmod +x "$clone/tests/scenarios/run"
  dev 0 test --dry-run
  says ' libgtest-dev libgmock-dev librapidcheck-dev'
  says "+ cmake --build $clone/build/dev --target all -j 4"
  says '+ ctest --preset dev -j 4 -LE scenarios'
  says "+ cmake --build $clone/build/release --target greytick -j 4"
  says "+ tests/scenarios/run $clone/build/release/sim/cli/greytick"
}

test_with_arguments_hands_them_to_ctest() {
  echo 0 >"$machine/uid"
  dev 0 --dry-run test --preset tsan -R Mailbox
  says '+ ctest --preset tsan -j 4 -R Mailbox'
  does_not_say scenarios
}

fuzz_builds_its_target_with_clang_and_stops_in_time() {
  echo 0 >"$machine/uid"
  dev 0 --dry-run fuzz 5
  says ' protobuf-compiler clang-19 '
  says "+ cmake --build $clone/build/fuzz --target wire_fuzz -j 4"
  says '-max_total_time=5 '
  dev 0 --dry-run fuzz
  says '-max_total_time=60 '
  dev 64 fuzz 5m
  says "fuzz takes whole seconds, not '5m'"
}

dry_run_changes_nothing() {
  echo 0 >"$machine/uid"
  dev 0 run x.yaml --dry-run
  [ ! -s "$log" ] || fail "something was run: $(cat "$log")"
  [ "$(ls "$clone")" = "$(printf 'CMakePresets.json\ndev')" ] || fail 'the clone changed'
}

the_second_call_neither_installs_nor_configures() {
  echo 0 >"$machine/uid"
  dev 3 run x.yaml
  grep -q '^apt-get install' "$log" || fail 'the first call did not install'
  grep -q 'preset release' "$log" || fail 'the first call did not configure'
  rm "$machine/asked"
  : >"$log"
  dev 3 run x.yaml
  [ ! -e "$machine/asked" ] || fail 'the second call looked for packages'
  [ "$(cat "$log")" = "cmake --build $clone/build/release --target greytick -j 4 -- --quiet" ] ||
    fail "the second call did: $(cat "$log")"
  [ "$(cat "$machine/output")" = verdict ] || fail 'the second call says more than the program'
  : >"$log"
  echo ' ' >>"$clone/CMakePresets.json"
  dev 3 run x.yaml
  grep -q 'preset release' "$log" || fail 'changed presets were not configured'
}

a_removed_package_is_noticed() {
  echo 0 >"$machine/uid"
  # The time of dpkg's last change.
  rm "$machine/bin/stat"
  stand_in stat <<'END'
cat "$MACHINE/changed"
END
  echo 1 >"$machine/changed"
  dev 3 run x.yaml
  : >"$log"
  echo 2 >"$machine/changed"
  grep -vx libfmt-dev "$machine/installed" >"$machine/fewer"
  cat "$machine/fewer" >"$machine/installed"
  dev 3 run x.yaml
  grep -qx 'apt-get install -y --no-install-recommends libfmt-dev' "$log" || fail 'not installed'
}

jobs_fit_memory_and_cores() {
  echo 0 >"$machine/uid"
  echo 64 >"$machine/cores"
  for pair in 1000000:1 3200000:2 16000000:10 640000000:64; do
    printf 'MemFree: 1 kB\nMemAvailable: %s kB\n' "${pair%:*}" >"$machine/meminfo"
    dev 0 --dry-run run x.yaml
    grep -q "greytick -j ${pair#*:}\$" "$machine/output" || fail "${pair%:*} KiB: not ${pair#*:} jobs"
  done
  echo 5000000000 >"$machine/memory_max" # A container's limit, in bytes.
  dev 0 --dry-run run x.yaml
  says 'greytick -j 3'
  echo max >"$machine/memory_max"
  dev 0 --dry-run run x.yaml
  says 'greytick -j 64'
}

the_programs_exit_code_is_ours() {
  echo 0 >"$machine/uid"
  dev 3 explain runs/latest
  says verdict
}

a_failed_build_exits_70() {
  echo 0 >"$machine/uid"
  touch "$machine/build_fails"
  dev 70 run x.yaml
  says 'the build failed'
}

lint_of_changed_files_leaves_the_others_out() {
  command -v git >/dev/null || exit 77
  echo 0 >"$machine/uid"
  cd "$clone"
  git init -q .
  echo 'int a;' >a.cc
  echo 'int b;' >b.cc
  git add a.cc b.cc
  git -c user.name=n -c user.email=e commit -q -m m
  dev 0 --dry-run lint
  says 'clang-tidy-19 -p build/clang --quiet (2 files)'
  echo 'int c;' >b.cc
  dev 0 --dry-run lint --changed
  says 'clang-tidy-19 -p build/clang --quiet (1 files)'
  dev 64 lint --wrong
}

clean_leaves_runs_alone() {
  mkdir -p "$clone/build/release" "$clone/.cache" "$clone/runs/one"
  dev 0 clean
  [ ! -e "$clone/build" ] || fail 'build/ is still there'
  [ ! -e "$clone/.cache" ] || fail '.cache/ is still there'
  [ -d "$clone/runs/one" ] || fail 'runs/ is gone'
}

ci_runs_the_command_that_people_run() {
  mkdir "$clone/.ci"
  cp "$source_root/.ci/run" "$clone/.ci"
  printf '#!/bin/sh\necho "dev $*"\n' >"$clone/dev"
  [ "$("$clone/.ci/run")" = 'dev test' ] || fail 'CI runs something else'
}

scripts_pass_shellcheck() {
  command -v shellcheck >/dev/null || exit 77
  shellcheck "$source_root/dev" "$source_root/.ci/run" "${0%/*}"/*.sh >"$machine/output" || fail shellcheck
}

shipped_data_is_named_with_its_licence() {
  [ -d "$source_root/scenarios/data" ] || exit 77
  for file in "$source_root"/scenarios/data/*; do
    grep -qF "\`${file##*/}\`" "$source_root/docs/third-party.md" || fail "${file##*/}: no notice"
  done
}

the_tutorials_diffs_apply() {
  top=$(git -C "$source_root" rev-parse --show-toplevel 2>/dev/null) || exit 77
  [ "$top" = "$(CDPATH='' cd -- "$source_root" && pwd -P)" ] || exit 77 # Unpacked inside another clone.
  for diff in "$source_root"/docs/tutorial/*.diff; do
    git -C "$source_root" apply --check "$diff" >"$machine/output" 2>&1 || fail "${diff##*/}: does not apply"
  done
}

touch "$machine/output"
set_up
"$2"
