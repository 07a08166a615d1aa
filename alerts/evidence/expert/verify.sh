#!/bin/bash
# Verifies one recording: needs bash, coreutils and openssl (3.0 or newer); age where the sound is to be opened.
#
#   ./verify.sh                           everything that is in this folder
#   ./verify.sh --receipt SEQUENCE HEAD   and what a telephone kept when a chunk was acknowledged
#   ./verify.sh --lodged SEQUENCE HEAD    and what somebody outside was mailed of the log
#
# Ends with OK and status 0, or with FAILED and status 1. It changes nothing here and asks no network.
set -u -o pipefail
export LC_ALL=C
umask 077
cd "$(dirname "$0")" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0
# What comes out of a file may hold anything, also what would paint over a line of the terminal: ASCII alone is shown.
say() { printf '%s\n' "${1//[![:print:]]/?}"; }
fail() { say "FAILED: $1"; failures=$((failures + 1)); }
text() { [[ $1 =~ \"$2\":\"([^\"]*)\" ]] && printf '%s' "${BASH_REMATCH[1]}"; }
number() { [[ $1 =~ \"$2\":([0-9]+) ]] && printf '%s' "${BASH_REMATCH[1]}"; }
sums() { shopt -s nullglob; local found=(*); (( ${#found[@]} == 0 )) || sha256sum -- "${found[@]}"; }
hash_of() { local found; found=$(sha256sum < "$1") && printf '%s' "${found%% *}"; }

# A journal: lines of "1", JSON, signature (base64), with tabs between. Each holds the SHA-256 of the line before it.
# Fills the folder $work/$1 with one file a line; the hash of each is in the array `hashes`, its JSON in `facts`.
hashes=() facts=()
journal() {
    local name=$1 file=$2 first=$3 prev=$4 at=0 line version json rest signature
    hashes=() facts=()
    mkdir "$work/$name"
    split --lines=1 --numeric-suffixes=0 --suffix-length=9 "$file" "$work/$name/" || { fail "$name cannot be read"; return; }
    while read -r sum _; do hashes+=("$sum"); done < <(cd "$work/$name" && sums)
    while IFS= read -r line; do
        version=${line%%$'\t'*} rest=${line#*$'\t'}
        json=${rest%$'\t'*} signature=${rest##*$'\t'}
        [[ $version == 1 && $rest == *$'\t'* && $json == '{'*'}' ]] || fail "$name, line $at: not a line of version 1"
        [[ ${#signature} -eq 88 ]] || fail "$name, line $at: no signature"
        if (( at > 0 )) || [[ -n $prev ]]; then
            [[ $(text "$json" prev) == "$prev" ]] || fail "$name, line $at: the chain is broken"
        fi
        [[ $(number "$json" seq) == "$((first + at))" ]] || fail "$name, line $at: lines are missing or out of order"
        facts+=("$json")
        prev=${hashes[at]:-}
        at=$((at + 1))
    done < "$file"
    [[ -s $file && $(tail --bytes=1 "$file" | base64) == Cg== ]] || fail "$name does not end with a whole line"
}

# The signature of one line (Ed25519, RFC 8032). That of the last line covers all: it holds the hashes of the others.
signature() {
    local name=$1 at=$2 key=$3 line payload
    line=$(< "$work/$name/$(printf %09d "$at")")
    payload=${line%$'\t'*}
    printf '%s' "$payload" > "$work/payload"
    printf '%s' "${line##*$'\t'}" | base64 --decode > "$work/signature" 2> /dev/null
    openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/payload" -sigfile "$work/signature" > /dev/null 2>&1 ||
        fail "$name, line $at: the signature is wrong"
}

# The stamps beside a journal (RFC 3161): each is of one line, which holds the hashes of all before it.
stamps() {
    local name=$1 first=$2 folder=$3 stamp base count by when given made shown=0
    for stamp in "$folder"/*.tsr; do
        [[ -e $stamp ]] || continue
        base=${stamp##*/} count=$((10#${base%%-*})) by=${base#*-} by=${by%.tsr}
        count=$((count - first))
        (( count >= 1 && count <= ${#hashes[@]} )) || { fail "$name: the stamp $base is of a line that is not there"; continue; }
        # Certificates are believed as they were when the stamp was given: they run out, the stamp does not.
        when=$(openssl ts -reply -in "$stamp" -text 2> /dev/null)
        if [[ $when =~ Time\ stamp:\ ([^$'\n']*) ]] && when=${BASH_REMATCH[1]} && given=$(date --date="$when" +%s 2> /dev/null) &&
            openssl ts -verify -attime "$given" -data "$work/$name/$(printf %09d $((count - 1)))" -in "$stamp" -CAfile "authorities/$by.pem" > /dev/null 2>&1; then
            made=$(text "${facts[count - 1]}" at)
            say "  $by: line $((first + count - 1)) and all before it existed on $when (it says $made)"
            if (( given - $(date --date="$made" +%s) > 300 )); then
                say "  NOTE: this stamp is more than five minutes younger than its line says"
            fi
            shown=$((shown + 1))
        else
            fail "$name: the stamp $base is not of this line"
        fi
    done
    say "$name: $shown stamps"
}

# Nothing was changed on the way; whoever changes a file and this list is found by what follows.
if [[ -r SHA256SUMS ]] && sha256sum --check --strict --quiet SHA256SUMS > "$work/sums" 2>&1; then
    say "files: as they were written into this folder"
else
    fail "SHA256SUMS: $(head --lines=3 "$work/sums" 2> /dev/null)"
fi

[[ -r manifest && -r signing.pem ]] || { say "FAILED: manifest or signing.pem is missing"; exit 1; }
journal manifest manifest 0 0000000000000000000000000000000000000000000000000000000000000000
manifest_hashes=("${hashes[@]}") manifest_facts=("${facts[@]}")
(( ${#hashes[@]} > 0 )) || { say "FAILED: the manifest is empty"; exit 1; }
signature manifest $(( ${#hashes[@]} - 1 )) signing.pem
opening=${facts[0]}
[[ $(text "$opening" type) == opening ]] || fail "the manifest does not begin with its opening"
raw=$(openssl pkey -pubin -in signing.pem -outform DER 2> /dev/null | tail --bytes=32 | base64)
[[ $(text "$opening" signing_key) == "$raw" ]] || fail "signing.pem is not the key that the opening names"
[[ -r key.age && $(hash_of key.age) == "$(text "$opening" key_sha256)" ]] || fail "key.age is not the one of the opening"
say "recording $(text "$opening" recording), opened $(text "$opening" at) (the telephone said $(text "$opening" phone_at))"
say "signing key, SHA-256 of its DER: $(openssl pkey -pubin -in signing.pem -outform DER 2> /dev/null | sha256sum | head --bytes=64)"
say "head: line $(( ${#hashes[@]} - 1 )), ${hashes[-1]}"
stamps manifest 0 stamps

# Every chunk as it was sealed; and as it was recorded, where the key of this recording is here.
chunks=0 listed=0 opened=0
declare -A wanted=()
while read -r sum path; do wanted[${path#\*}]=$sum; done < <(cd chunks 2> /dev/null && sums)
if [[ -r recording.key ]]; then
    command -v age > /dev/null || { say "FAILED: recording.key is here, and age is not installed"; exit 1; }
    mkdir "$work/clear"
    opened=1
fi
declare -A order=()
for json in "${facts[@]}"; do
    [[ $(text "$json" type) == chunk ]] || continue
    seq=$(number "$json" seq) file=$(printf %06d.age "$seq") listed=$((listed + 1))
    if [[ ${wanted[$file]:-} == "$(text "$json" sealed)" ]]; then
        chunks=$((chunks + 1))
        unset "wanted[$file]"
    else
        fail "chunk $file is missing or was changed"
        continue
    fi
    (( opened )) || continue
    n=$(number "$json" n) segment=$(number "$json" segment)
    clear=$work/clear/$(printf '%06d-%09d' "$segment" "$n")
    if age --decrypt --identity recording.key --output "$clear" "chunks/$file" 2> /dev/null; then
        [[ $(hash_of "$clear") == "$(text "$json" sha256)" ]] || fail "chunk $file does not hold the sound that the manifest names"
    else
        fail "chunk $file cannot be opened with recording.key"
    fi
done
for file in "${!wanted[@]}"; do fail "chunk $file stands in no line"; done
say "chunks: $chunks of $listed are as they were sealed"
if (( opened )); then
    say "chunks: opened with age, each is what the telephone sent"
    for sound in sound/*; do
        [[ -e $sound ]] || continue
        base=${sound##*/} segment=${base%%.*}
        [[ $(cat "$work/clear/$segment"-* 2> /dev/null | sha256sum) == "$(sha256sum < "$sound")" ]] || fail "$sound is not its chunks"
    done
fi

# The excerpt of the service's log, from the opening of this recording on.
if [[ -r log/log ]]; then
    IFS= read -r line < log/log
    first=$(number "${line#*$'\t'}" seq)
    journal log log/log "${first:-0}" ""
    name=$(text "$opening" recording) seen=0
    if (( ${#facts[@]} > 0 )); then
        last=${facts[-1]}
        { printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; text "$last" signing_key | base64 --decode; } > "$work/log.der"
        openssl pkey -pubin -inform DER -in "$work/log.der" -out "$work/log.pem" 2> /dev/null || fail "the log names no key"
        say "signing key of the log, SHA-256 of its DER: $(sha256sum < "$work/log.der" | head --bytes=64)"
        signature log $(( ${#facts[@]} - 1 )) "$work/log.pem"
    fi
    for json in "${facts[@]}"; do
        if [[ $json =~ \"$name\":\[([0-9]+),\"([0-9a-f]{64})\"\] ]]; then
            count=${BASH_REMATCH[1]} head=${BASH_REMATCH[2]}
        elif [[ $(text "$json" recording) == "$name" && -n $(number "$json" lines) ]]; then
            count=$(number "$json" lines) head=$(text "$json" head)
        else
            continue
        fi
        seen=$((seen + 1))
        (( count > 0 )) && [[ ${manifest_hashes[count - 1]:-} == "$head" ]] || fail "the log saw another manifest: its line $((count - 1)) was $head"
    done
    say "log: ${#facts[@]} lines from number ${first:-0}, $seen of them about how far this recording had come"
    log_hashes=("${hashes[@]}") log_first=${first:-0}
    stamps log "$log_first" log/stamps
fi

while (( $# > 0 )); do
    [[ $1 == --* && ${2:-} =~ ^[0-9]{1,9}$ && ${3:-} =~ ^[0-9a-f]{64}$ ]] || { say "usage: $0 [--receipt|--lodged NUMBER HASH]..."; exit 2; }
    number=$((10#$2))
    case $1 in
        --receipt)
            if [[ ${manifest_hashes[number]:-} == "$3" ]]; then say "receipt of line $2: as kept"
            else fail "the receipt of line $2 contradicts the manifest"; fi ;;
        --lodged)
            if (( number < ${log_first:-0} )); then
                fail "the lodged head $2 is older than this recording: nothing here says whether it is true"
            elif [[ ${log_hashes[number - ${log_first:-0}]:-} == "$3" ]]; then say "lodged head $2: as lodged"
            else fail "the lodged head $2 contradicts the log"; fi ;;
        *) say "unknown: $1"; exit 2 ;;
    esac
    shift 3
done

if (( failures )); then say "FAILED: $failures"; exit 1; fi
say "OK"
