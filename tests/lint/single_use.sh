#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A function in a header is used by a file other than its own; tests do not
# count. Otherwise it belongs in the .c, static, or nowhere.
. "$(dirname "$0")/lib.sh"

# Names declared at the beginning of a line in headers: "type name(…" with the
# declaration ending in ");" or an attribute, not a definition.
mapfile -t headers < <(code | grep '\.h$')
mapfile -t files < <(code | grep -E '\.(c|cc)$')
((${#headers[@]} && ${#files[@]})) || done_linting

result=$(perl -0777 -e '
    my ($n, @all) = @ARGV;
    my (%where, %uses, %inside);
    sub bare {
        open my $in, "<", $_[0] or die "$_[0]: $!";
        local $_ = <$in>;
        s{/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"}{my $t = $&; $t =~ s/[^\n]//g; $t}gse;
        $_;
    }
    for my $file (@all[0 .. $n - 1]) {
        my $text = bare($file);
        # bodies of static inline functions use what they name
        while ($text =~ /^\{\n(.*?)^\}/gsm) {
            my $body = $1;
            $inside{$1} = 1 while $body =~ /\b([a-z]\w*)\s*\(/g;
        }
        while ($text =~ /^(?!static|typedef|\s|#|\})(?:[^;{}()#]*?[\s*])?([a-z]\w*)\s*\((?:[^(){};]|\([^()]*\))*\)[^;{}]*;/gsm) {
            my $name = $1;
            my $line = 1 + (substr($text, 0, $-[1]) =~ tr/\n//);
            $where{$name} //= "$file:$line" unless $name =~ /^__/;
        }
    }
    my %definer;
    for my $file (@all[$n .. $#all]) {
        my $text = bare($file);
        $definer{$1}{$file} = 1
            while $text =~ /^(?!static)(?:[a-z][^;(){}\n]*[\s*])?\n?([a-z]\w*)\((?:[^(){};]|\([^()]*\))*\)\s*\{/gm;
        $uses{$1}{$file} = 1 while $text =~ /\b([a-z]\w*)\b/g;
    }
    for my $name (sort keys %where) {
        print "+\n";
        my @users = grep { !$definer{$name}{$_} } keys %{$uses{$name} // {}};
        next if @users || $inside{$name};
        my ($file) = $where{$name} =~ /^([^:]*)/;
        my $what = $definer{$name} ? "only the file that defines it uses"
                                   : "nothing defines";
        print "$name\t$where{$name}: $what $name()\n";
    }' "${#headers[@]}" "${headers[@]}" "${files[@]}")
n_checks=$(grep -c '^+$' <<<"$result")
findings < <(grep -v '^+$' <<<"$result")
done_linting
