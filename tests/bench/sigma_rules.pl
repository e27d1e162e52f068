# SPDX-License-Identifier: Apache-2.0
#
# Invents Sigma detections, the same for the same seed, to load a rule set of
# a given size: perl sigma_rules.pl N SEED. Shaped like the public rules: most
# are about process creation on Windows, by endings of paths and parts of
# command lines, some with filters, lists, expressions; the rest about the
# registry, Linux, web servers, proxies, event logs and clouds. They are not
# meant to match: few alerts are like them.
use strict;
use warnings;

my ($n, $seed) = @ARGV;
die "usage: sigma_rules.pl N SEED\n" unless defined $seed && $n =~ /^\d+$/;

# Its own numbers: those of Perl differ between versions.
my $state = $seed & 0x7fffffff;
sub below {
    my ($most) = @_;
    $state = ($state * 1103515245 + 12345) & 0x7fffffff;
    return int($state / 65536) % $most;
}
sub one_of { return $_[below(scalar @_)] }
sub word {
    my ($syllables) = @_;
    return join '', map {
        one_of(qw(b c d f g h k l m n p r s t v w x z br cr dr sh st tr))
            . one_of(qw(a e i o u ai ea ou)) . one_of('', '', qw(n r s t x k))
    } 1 .. ($syllables // 2 + below(2));
}

my @program = qw(powershell pwsh cmd wscript cscript mshta rundll32 regsvr32
    certutil bitsadmin wmic schtasks net net1 sc reg msiexec installutil
    msbuild psexec vssadmin ntdsutil nltest whoami curl ssh esentutl);
my @folder = ('\\Windows\\Temp\\', '\\AppData\\Local\\Temp\\',
    '\\Users\\Public\\', '\\ProgramData\\', '\\Windows\\System32\\');
my @switch = qw(-enc -nop -w -hidden /c /k /add /delete /transfer -urlcache
    --exec --config --proxy -decode /create /query /domain:);

sub program { return '\\' . (below(3) ? one_of(@program) : word()) . '.exe' }
sub argument {
    my $kind = below(6);
    return ' ' . one_of(@switch) . ' ' . word() if $kind == 0;
    return one_of(@folder) . word() . one_of('.exe', '.dll', '.ps1', '.vbs')
        if $kind == 1;
    return word() . '.' . word(1) . one_of('.com', '.net', '.top')
        if $kind == 2;
    return 'Invoke-' . ucfirst word() if $kind == 3;
    return ' ' . one_of('-', '--', '/') . word() . one_of('', '=', ' ');
}
sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }
sub list {
    my ($make, $most) = @_;
    my @all = map { quoted($make->()) } 0 .. below($most);
    return @all == 1 ? $all[0] : '[' . join(', ', @all) . ']';
}
sub expression {
    my $kind = below(3);
    return quoted(word() . '\\s+' . one_of('-', '/') . '[a-z]{1,8}\\s+\\d+')
        if $kind == 0;
    return quoted('(?:' . word() . '|' . word() . ')\\.(?:exe|dll)$')
        if $kind == 1;
    return quoted('[A-Za-z0-9+/]{40,}={0,2}\\s' . word());
}

# A line of a selection on a command line.
sub command {
    my ($field) = @_;
    my $kind = below(10);
    return "$field|re: " . expression() if $kind == 0;
    return "$field|contains|all: [" . quoted(argument()) . ', '
        . quoted(argument()) . ']' if $kind <= 3;
    return "$field|contains: " . list(\&argument, 8);
}
sub process {
    my ($linux) = @_;
    my $path = $linux ? sub { '/' . word(1 + below(2)) } : \&program;
    my @line = ('Image|endswith: ' . list($path, 4), command('CommandLine'));
    push @line, 'ParentImage|endswith: ' . list($path, 3) unless below(3);
    push @line, command('ParentCommandLine') unless below(8);
    shift @line unless below(5);
    return @line;
}

# What rules speak of: how many in a hundred, log source, lines.
my @source = (
    [58, 'product: windows, category: process_creation', sub { process(0) }],
    [8, 'product: windows, category: registry_set', sub {
        ('TargetObject|contains: ' . list(sub { "\\Software\\" . word() }, 5),
            'Details|endswith: ' . list(\&program, 3)) }],
    [7, 'product: windows, service: security', sub {
        ('EventID: ' . (4600 + below(400)), command('ServiceName')) }],
    [6, 'product: windows, category: image_load', sub {
        ('ImageLoaded|endswith: ' . list(sub { '\\' . word() . '.dll' }, 6)) }],
    [9, 'product: linux, category: process_creation', sub { process(1) }],
    [6, 'category: webserver', sub {
        ('c-uri|contains: ' . list(sub { '/' . word() . '.php?' . word(1) . '=' }, 8)) }],
    [3, 'category: proxy', sub {
        ('c-uri|endswith: ' . list(sub { '/' . word() . '.' . word(1) }, 6)) }],
    [3, 'product: aws, service: cloudtrail', sub {
        ('eventName: ' . list(sub { ucfirst word() }, 3)) }],
);
sub source {
    my $at = below(100);
    for (@source) {
        return $_ if ($at -= $_->[0]) < 0;
    }
    return $source[0];
}

sub selection {
    my ($name, @line) = @_;
    return "  $name:\n" . join '', map { "    $_\n" } @line;
}

print "# SPDX-License-Identifier: Apache-2.0\n";
for my $i (1 .. $n) {
    my (undef, $logsource, $lines) = @{source()};
    my $kind = below(10);
    print "---\n" if $i > 1;
    print "title: ", ucfirst word(), " $i\nid: bench-$seed-$i\n",
        "logsource: {$logsource}\ndetection:\n";
    if ($kind < 5) {
        print selection('selection', $lines->()), "  condition: selection\n";
    } elsif ($kind < 8) {
        print selection('selection', $lines->()),
            selection('filter_main', $lines->()),
            "  condition: selection and not filter_main\n";
    } else {
        print selection('selection_a', $lines->()),
            selection('selection_b', $lines->()), '  condition: ',
            one_of('1 of selection_*', 'all of selection_*'), "\n";
    }
    print 'level: ', one_of(qw(low medium)), "\n";
}
