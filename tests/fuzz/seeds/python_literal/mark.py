{'a':\n1,}

# end
